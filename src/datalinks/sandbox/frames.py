"""How parent and child talk over pipes: each message is its length in four bytes, then itself.

A request is what the kind of child understands. An answer begins with one byte, its ``Outcome``.
"""

import struct

_LENGTH = struct.Struct("!I")


# Plain bytes: importing enum costs a child more than it says.
class Outcome:
    """The first byte of an answer."""

    ANSWERED = b"a"
    TOO_SLOW = b"s"
    TOO_LARGE = b"l"


def to_frame(payload: bytes) -> bytes:
    """A message as it travels."""
    return _LENGTH.pack(len(payload)) + payload


def take_frame(buffer: bytearray, max_bytes: int | None = None) -> bytes | None:
    """The first message in a buffer, taken out of it; None while it is not complete.

    Raises:
        ValueError: it is going to be longer than ``max_bytes``.
    """
    if len(buffer) < _LENGTH.size:
        return None
    [length] = _LENGTH.unpack_from(buffer)
    if max_bytes is not None and length > max_bytes:
        raise ValueError("a message is too long")
    end = _LENGTH.size + length
    if len(buffer) < end:
        return None
    payload = bytes(buffer[_LENGTH.size : end])
    del buffer[:end]
    return payload


def join_parts(first: bytes, second: bytes) -> bytes:
    """Two texts in one message."""
    return _LENGTH.pack(len(first)) + first + second


def split_parts(message: bytes) -> tuple[bytes, bytes]:
    """The two texts that ``join_parts`` put into a message."""
    [length] = _LENGTH.unpack_from(message)
    end = _LENGTH.size + length
    return message[_LENGTH.size : end], message[end:]
