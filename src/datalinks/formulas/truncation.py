"""Data cut down to what fits into a log."""

from collections.abc import Sequence
from typing import Any

from datalinks.formulas.javascript.coercion import own_keys

_MOST_MEMBERS = 500
_LONGEST_TEXT = 500
_DEPTH = 15


def truncate_data(data: Any, depth: int = 0) -> Any:
    """Data with at most 500 members of an array or object, 500 characters of a text, and 15 levels.

    What is left out is said in its place: ``...moreItems`` how many members, ``...moreKeys`` the first of the names,
    ``...`` at a text's end. ``depth``: how many levels there are around the data. Characters are counted as UTF-16
    does, as those of JavaScript's texts are.
    """
    if depth > _DEPTH:
        return "<max depth reached>"
    if isinstance(data, dict):
        return _truncate_object(data, depth + 1)  # type: ignore[reportUnknownArgumentType] - members of any kind
    if isinstance(data, list):
        return _truncate_array(data, depth + 1)  # type: ignore[reportUnknownArgumentType] - as above
    if isinstance(data, str):
        beginning = _beginning(data)
        return data if beginning == data else f"{beginning}..."
    return data


def _beginning(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    return units[: 2 * _LONGEST_TEXT].decode("utf-16-le", "surrogatepass")


def _truncate_array(members: Sequence[Any], depth: int) -> list[Any]:
    kept = [truncate_data(member, depth) for member in members[:_MOST_MEMBERS]]
    omitted = len(members) - _MOST_MEMBERS
    return [*kept, {"...moreItems": omitted}] if omitted > 0 else kept


def _truncate_object(members: dict[str, Any], depth: int) -> dict[str, Any]:
    keys = own_keys(members)
    kept = {key: truncate_data(members[key], depth) for key in keys[:_MOST_MEMBERS]}
    omitted = keys[_MOST_MEMBERS:]
    return {**kept, "...moreKeys": _beginning(", ".join(omitted))} if omitted else kept
