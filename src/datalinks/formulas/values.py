"""What formulas compute with: JSON, and the absence of it.

``UNDEFINED`` is what JavaScript calls undefined: no value at all, which is another thing than null. Objects and
arrays drop members that are undefined; null stays.
"""

from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

from datalinks.model.record import Json


class Undefined(Enum):
    """The type of ``UNDEFINED``, which is false like every nothing."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined.UNDEFINED

# A member that JavaScript takes for an object's prototype when it is written, so that no object comes to have it.
PROTOTYPE: Final = "__proto__"

# A value of the language. Any stands for the members of containers, which are values again.
Value: TypeAlias = Json | Undefined


def is_nothing(value: Any) -> bool:
    """Whether a value is null or undefined."""
    return value is None or value is UNDEFINED


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is an array."""
    return isinstance(value, list)


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is an object; null is none."""
    return isinstance(value, dict)


def is_container(value: Any) -> bool:
    """Whether a value is an array or an object."""
    return isinstance(value, (dict, list))


def without_undefined(value: Any) -> Any:
    """A value as JSON can say it: members of objects that are undefined are left out, members of arrays become null."""
    if is_object(value):
        return {key: without_undefined(member) for key, member in value.items() if member is not UNDEFINED}
    if is_array(value):
        return [without_undefined(member) for member in value]
    return None if value is UNDEFINED else value
