"""Data locations: a collection or folder of an app with the parameters that choose it, as an object and as a path.

The path of ``{"key": "tasks", "parameters": {"project": "5"}}`` is ``/data/tasks?project=5``.
"""

from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

from datalinks.errors import FormulaError
from datalinks.formulas.errors import WrongArgument
from datalinks.formulas.javascript.coercion import deeply_equal, is_true, strictly_equal, to_string
from datalinks.formulas.locators import property_of
from datalinks.formulas.schemas.places import members_of
from datalinks.formulas.values import UNDEFINED, is_container, is_nothing

_ROOT = "/data/"


class InvalidLocationPath(FormulaError):
    """A text is not the path of a data location."""


def make_data_location_path(location: Any) -> Any:
    """The path of a location, which may be one already; UNDEFINED when it has no key."""
    is_path = isinstance(location, str) and location.startswith(_ROOT)
    key = location[len(_ROOT) :] if is_path else property_of(location, "key")
    if not is_true(key):
        return UNDEFINED
    parameters = {} if is_path else members_of(property_of(location, "parameters"))
    query = "&".join(
        f"{_encode(name)}={_encode(to_string(value))}" for name, value in parameters.items() if not is_nothing(value)
    )
    return f"{_ROOT}{to_string(key)}{'?' if query else ''}{query}"


def _encode(text: str) -> str:
    # Forms leave the asterisk as it is and not the tilde; Python has it the other way round.
    return quote_plus(_repaired(text), safe="*").replace("~", "%7E")


def _repaired(text: str) -> str:
    """The text with halves of characters, which JSON can carry, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def parse_data_location_path(path: Any) -> Any:
    """The location that a path leads to: its key and its parameters, which are texts; UNDEFINED for an empty path.

    Raises:
        InvalidLocationPath: it does not start with ``/data/`` or ``data/``.
        WrongArgument: it is no text.
    """
    if not is_true(path):
        return UNDEFINED
    if not isinstance(path, str):
        raise WrongArgument("A data location path has to be a text.")
    path = path.removeprefix("/")
    if not path.startswith(_ROOT[1:]):
        raise InvalidLocationPath(f'Invalid data location path: {path}. It should start with "data/"')
    key, *queries = path[len(_ROOT) - 1 :].split("?")
    return {"key": key, "parameters": _parse_query(queries[0] if queries else "")}


def _parse_query(query: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return members_of({_decode(name): _decode(value) for name, _, value in pairs})


def _decode(text: str) -> str:
    return unquote_to_bytes(_repaired(text).replace("+", " ")).decode("utf-8", "replace")


def data_location_parameters_match(location_parameters: Any, target_parameters: Any) -> bool:
    """Whether a location has every parameter of a target with the same value; more are no harm."""
    own = members_of(location_parameters) if is_container(location_parameters) else {}
    wanted = members_of(target_parameters) if is_container(target_parameters) else {}
    return all(strictly_equal(own.get(name, UNDEFINED), value) for name, value in wanted.items())


def is_same_data_location(left: Any, right: Any) -> bool:
    """Whether two locations have the same key and the same parameters.

    Raises:
        WrongArgument: one is null or undefined.
    """
    if is_nothing(left) or is_nothing(right):
        raise WrongArgument("There is no data location to compare.")
    if not strictly_equal(property_of(left, "key"), property_of(right, "key")):
        return False
    return deeply_equal(_parameters_of(left), _parameters_of(right))


def _parameters_of(location: Any) -> Any:
    parameters = property_of(location, "parameters")
    return parameters if members_of(parameters) else UNDEFINED
