"""Secrets at rest."""

import base64
import os
from pathlib import Path

import pytest

from datalinks.errors import InvalidSettings
from datalinks.store.cipher import KEY_BYTES, Cipher, load_key, parse_key


def cipher() -> Cipher:
    return Cipher(b"k" * KEY_BYTES)


def test_a_sealed_text_opens_for_its_row() -> None:
    assert cipher().open(cipher().seal("secret ü", "connections/1"), "connections/1") == "secret ü"


def test_a_text_is_sealed_differently_every_time() -> None:
    assert cipher().seal("secret", "connections/1") != cipher().seal("secret", "connections/1")


def test_a_text_sealed_for_another_row_does_not_open() -> None:
    with pytest.raises(InvalidSettings, match="changed outside"):
        cipher().open(cipher().seal("secret", "connections/1"), "connections/2")


def test_a_text_that_was_changed_does_not_open() -> None:
    head, _, payload = cipher().seal("secret", "connections/1").rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(payload))
    raw[-1] ^= 1

    with pytest.raises(InvalidSettings):
        cipher().open(f"{head}.{base64.urlsafe_b64encode(raw).decode()}", "connections/1")


def test_another_key_is_named_in_the_error() -> None:
    with pytest.raises(InvalidSettings, match="encrypted with the key"):
        Cipher(b"x" * KEY_BYTES).open(cipher().seal("secret", "connections/1"), "connections/1")


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "datalinks.key"

    key = load_key(path, may_make=True)

    assert len(key) == KEY_BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path, may_make=False) == key
    assert list(path.parent.iterdir()) == [path]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "datalinks.key"
    load_key(path, may_make=True)
    path.chmod(0o644)

    with pytest.raises(InvalidSettings, match="chmod 600"):
        load_key(path, may_make=True)


@pytest.mark.parametrize("text", ["not base64!", "ü", "abc"])
def test_a_key_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings, match="base64"):
        parse_key(text)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="31 bytes"):
        Cipher(os.urandom(31))


def test_a_missing_key_file_is_not_replaced_beside_a_store_that_needs_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="is missing"):
        load_key(tmp_path / "datalinks.key", may_make=False)

    assert list(tmp_path.iterdir()) == []


def test_a_key_file_of_raw_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "datalinks.key"
    path.write_bytes(bytes(range(200, 232)))
    path.chmod(0o600)

    with pytest.raises(InvalidSettings, match="base64"):
        load_key(path, may_make=False)
