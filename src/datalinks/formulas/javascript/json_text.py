"""JSON as ``JSON.stringify`` writes it."""

import json
import math
from typing import Any

from datalinks.formulas.javascript.coercion import own_keys
from datalinks.formulas.javascript.numbers import number_to_string
from datalinks.formulas.values import UNDEFINED, is_array, is_nothing, is_object


def write_json(value: Any) -> str:
    """A value as compact JSON: undefined members are left out of objects and are null in arrays, so is NaN.

    UNDEFINED itself is written ``undefined``.
    """
    if value is UNDEFINED:
        return "undefined"
    return _text(value)


def _text(value: Any) -> str:
    if is_object(value):
        members: dict[str, Any] = value
        pairs = [f"{_quoted(key)}:{_text(members[key])}" for key in own_keys(members) if members[key] is not UNDEFINED]
        return f"{{{','.join(pairs)}}}"
    if is_array(value):
        return f"[{','.join([_text(member) for member in value])}]"
    if isinstance(value, str):
        return _quoted(value)
    if is_nothing(value) or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_to_string(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
