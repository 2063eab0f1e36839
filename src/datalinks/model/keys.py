"""Keys: the names programs use for elements, made from the display name when none is given."""

import secrets
from collections.abc import Iterator

_MAX_LENGTH = 100


def key_from_name(name: str) -> str:
    """A key that reads like the name: lower case, words joined by ``-``; ``element`` if nothing of it is left."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    return "-".join(words)[:_MAX_LENGTH].strip("-") or "element"


def key_candidates(name: str) -> Iterator[str]:
    """Keys to try in turn for a name: ``contacts``, ``contacts-2`` ... ``contacts-9``, then with a random ending."""
    key = key_from_name(name)
    yield key
    yield from (f"{key}-{number}" for number in range(2, 10))
    yield from (f"{key}-{secrets.token_hex(4)}" for _ in range(2))


def search_text(*parts: str | None) -> str:
    """What a search looks into: the parts in one text, case folded, so that every script is matched without case."""
    return "\n".join(part for part in parts if part).casefold()
