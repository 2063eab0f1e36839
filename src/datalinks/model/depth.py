"""How deep JSON may be nested: far less than any reader's limit, so that what is accepted can always be answered."""

import re

MAX_DEPTH = 100

# Possessive, so that a text that never ends is read once and not from every quote in it again.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def is_too_deep(text: bytes) -> bool:
    """Whether JSON is nested deeper than ``MAX_DEPTH``."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", text).translate(_BRACKETS, _OTHERS)
    for _ in range(MAX_DEPTH):
        # Every round takes the innermost pairs away; what is left after as many rounds is deeper (or no JSON).
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True
