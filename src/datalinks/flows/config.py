"""Configurations of nodes: what may be asked of them before their formulas are computed, and after."""

from collections.abc import Iterable
from typing import Any

from datalinks.errors import BadRequest
from datalinks.flows.node import Problem
from datalinks.formulas.transforms import is_formula
from datalinks.formulas.values import UNDEFINED, is_nothing, is_object
from datalinks.model.link import Direction, RequestedDirection, record_id
from datalinks.model.record import JsonObject


def missing(config: JsonObject, *names: str) -> Iterable[Problem]:
    """The properties that a configuration needs and does not have."""
    for name in names:
        if is_nothing(config.get(name)):
            yield Problem(f"$.config.{name}", f"The node needs {name}.")


def check_table(config: JsonObject) -> Iterable[Problem]:
    """What is wrong with the table that a configuration names, as far as it is known without computing."""
    table = config.get("dataLinkTable")
    if is_nothing(table):
        yield Problem("$.config.dataLinkTable", 'The node needs a table: {"dataLinkTable": {"key": ...}}.')
    elif not is_formula(table) and table_key(table) is None and not is_formula(_key_of(table)):
        yield Problem("$.config.dataLinkTable", 'A table is named by its key: {"key": ...}.')


def check_direction(config: JsonObject, options: Iterable[str]) -> Iterable[Problem]:
    """What is wrong with the direction of a configuration, as far as it is known without computing."""
    direction = config.get("direction")
    if not is_nothing(direction) and not is_formula(direction) and direction not in set(options):
        yield Problem("$.config.direction", f"A direction is one of {', '.join(options)}.")


def _key_of(table: Any) -> Any:
    return table.get("key") if is_object(table) else None


def table_key(table: Any) -> str | None:
    """The key in ``{"key": ...}`` or in a text; None for anything else."""
    key = _key_of(table) if is_object(table) else table
    return key if isinstance(key, str) and key else None


def read_table(config: JsonObject) -> str:
    """The key of the table that a computed configuration names.

    Raises:
        BadRequest: it names none.
    """
    key = table_key(config.get("dataLinkTable"))
    if key is None:
        raise BadRequest("The node's table has no key.", {"path": "$.config.dataLinkTable.key"})
    return key


def read_record_id(config: JsonObject, name: str) -> str:
    """A record id of a computed configuration.

    Raises:
        BadRequest: it is none.
    """
    value = config.get(name, UNDEFINED)
    path = f"$.config.{name}"
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise BadRequest(f"The node has no {name}: it must be a text or a number.", {"path": path})
    return record_id(value, path)


def read_requested_direction(config: JsonObject) -> RequestedDirection:
    """The direction of a computed configuration; both when it says nothing.

    Raises:
        BadRequest: it is none.
    """
    return _read(RequestedDirection, config, RequestedDirection.BOTH)


def read_direction(config: JsonObject, otherwise: Direction) -> Direction:
    """The direction of a computed configuration, which may not be both.

    Raises:
        BadRequest: it is none.
    """
    return _read(Direction, config, otherwise)


def _read(kind: Any, config: JsonObject, otherwise: Any) -> Any:
    value = config.get("direction")
    if is_nothing(value):
        return otherwise
    try:
        return kind(value)
    except ValueError as error:
        options = ", ".join(each.value for each in kind)
        raise BadRequest(f"The node's direction is none of {options}.", {"path": "$.config.direction"}) from error
