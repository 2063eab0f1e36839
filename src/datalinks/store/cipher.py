"""Secrets at rest: AES-256-GCM, bound to the row they belong to.

The text kept is ``v1.<key id>.<nonce and ciphertext>`` in URL-safe base64. The row's identity is authenticated with it, so
a ciphertext moved to another row does not open.
"""

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datalinks.errors import InvalidSettings

KEY_BYTES = 32
_NONCE_BYTES = 12


class Cipher:
    """Seals and opens texts with one key of 32 bytes.

    Raises:
        InvalidSettings: the key has another length.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidSettings(f"The encryption key has {len(key)} bytes; it must be {KEY_BYTES} bytes in base64.")
        self._key = key
        self._aead = AESGCM(key)
        self._key_id = hashlib.sha256(b"datalinks key id" + key).hexdigest()[:8]

    def seal(self, text: str, row: str) -> str:
        """Encrypt a text for a row, e.g. ``connections/6ab...``."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._aead.encrypt(nonce, text.encode(), row.encode())
        return f"v1.{self._key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, row: str) -> str:
        """The text that was sealed for this row.

        Raises:
            InvalidSettings: it was sealed with another key or for another row, or was changed since.
        """
        version, key_id, payload = sealed.split(".")
        if version != "v1" or key_id != self._key_id:
            raise InvalidSettings(
                f"A secret in the database was encrypted with the key {key_id}, this server has the key {self._key_id}: "
                "start it with the encryption key the database was made with."
            )
        raw = base64.urlsafe_b64decode(payload)
        try:
            return self._aead.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], row.encode()).decode()
        except InvalidTag as error:
            raise InvalidSettings(f"The secret of {row} was changed outside this program and does not open.") from error

    def derived_key(self, purpose: bytes) -> bytes:
        """A key of 32 bytes that only who has our key can make, another one for each purpose."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"datalinks " + purpose).derive(self._key)


def parse_key(text: str) -> bytes:
    """The bytes of a key given in base64, URL-safe or not.

    Raises:
        InvalidSettings: not base64.
    """
    try:
        return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSettings("The encryption key is not base64.") from error


def load_key(path: Path, *, may_make: bool) -> bytes:
    """The key in a file. may_make: make it, with mode 600, when there is none.

    Raises:
        InvalidSettings: there is none, it can be read by others, or it cannot be read or made by us.
    """
    try:
        if not path.exists():
            if not may_make:
                raise InvalidSettings(
                    f"The key file {path} is missing: the database has secrets that only this key opens. "
                    "Bring it back from where you keep it, or name it with DATALINKS_ENCRYPTION_KEY_FILE."
                )
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise InvalidSettings(f"The key file {path} can be read by other users: run `chmod 600 {path}`.")
        return parse_key(path.read_text("latin-1"))
    except OSError as error:
        raise InvalidSettings(f"Cannot read or make the key file {path}: {error.strerror}") from error


def _make_key(path: Path) -> None:
    """Make a key file that appears whole or not at all, so that two first starts at once end up with one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    # The name must be as durable as what is encrypted with the key.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
