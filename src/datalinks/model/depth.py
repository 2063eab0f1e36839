"""How deep JSON may be nested: far less than any reader's limit, so that what is accepted can always be answered."""

import re

MAX_DEPTH = 100

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def is_too_deep(text: bytes) -> bool:
    """Whether JSON is nested deeper than ``MAX_DEPTH``; takes time in the order of its length."""
    if text.count(b"[") + text.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token[0] in b"]}":
            depth -= 1
    return False
