"""JSON as ``JSON.stringify`` writes it."""

import json
import math
from typing import Any

from datalinks.formulas.javascript.coercion import own_keys
from datalinks.formulas.values import UNDEFINED, is_array, is_object


def write_json(value: Any) -> str:
    """A value as compact JSON: undefined members are left out of objects and are null in arrays, so is NaN.

    UNDEFINED itself is written ``undefined``.
    """
    if value is UNDEFINED:
        return "undefined"
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False, check_circular=False)


def _plain(value: Any) -> Any:
    if is_object(value):
        members: dict[str, Any] = value
        return {key: _plain(members[key]) for key in own_keys(members) if members[key] is not UNDEFINED}
    if is_array(value):
        return [_plain(member) for member in value]
    if value is UNDEFINED:
        return None
    if isinstance(value, float):
        return _plain_number(value)
    return value


def _plain_number(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 1e21 else value  # noqa: PLR2004 - printed with an exponent from here
