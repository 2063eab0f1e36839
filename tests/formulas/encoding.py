"""Cases as data: values that JSON cannot say, as the case files write them."""

import json
import math
from pathlib import Path
from typing import Any

from datalinks.formulas.values import UNDEFINED, is_array, is_object

CASES = Path(__file__).parent / "cases"


def decode(value: Any) -> Any:
    """A value of a case file: ``{"$undefined": true}`` is UNDEFINED, and so is a hole of an array."""
    if is_array(value):
        return [decode(member) for member in value]
    if not is_object(value):
        return value
    if value.keys() in ({"$undefined"}, {"$hole"}):
        return UNDEFINED
    if value.keys() == {"$number"}:
        return float(value["$number"].replace("Infinity", "inf"))
    return {key: decode(member) for key, member in value.items()}


def comparable(value: Any) -> Any:
    """A value so that two are equal exactly when JavaScript's would print the same: 1 and 1.0, but not 1 and true."""
    if is_array(value):
        return [comparable(member) for member in value]
    if is_object(value):
        return {key: comparable(member) for key, member in value.items() if member is not UNDEFINED}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value if not isinstance(value, bool) else ("bool", value)
    return ("number", "NaN" if math.isnan(value) else float(value))


def read_cases() -> list[dict[str, Any]]:
    """Every case there is."""
    files = sorted(CASES.glob("*.json"))
    return [case for file in files for case in json.loads(file.read_text())["cases"]]
