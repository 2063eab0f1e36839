"""The two shapes everything else is built from: records that are read and drafts that are written."""

from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

Json: TypeAlias = None | bool | int | float | str | list[Any] | dict[str, Any]
JsonObject: TypeAlias = dict[str, Any]

# PostgreSQL cannot keep NUL in text, and nobody means it: it is refused at the door, once, for every text we keep.
_NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, Meta(min_length=1, max_length=500, pattern=_NO_NUL)]
Text = Annotated[str, Meta(max_length=10_000, pattern=_NO_NUL)]
# The reference SDKs put a key into a path unescaped, so a slash or a lone dot could never be addressed.
Key = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^(?!\.{1,2}$)[^\x00-\x1f\x7f/?#%\\]+$(?!\n)")]
InternalId = Annotated[str, Meta(min_length=1, max_length=512, pattern=_NO_NUL)]

T = TypeVar("T")
# A writable field: UNSET when the body does not have it, None when the body says null.
Optional: TypeAlias = T | None | UnsetType


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something read. Fields that are None are left out of its JSON, as the reference SDKs' schemas ask."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The fields a caller may write. Properties it does not name are ignored, as clients send whole objects back."""

    def given(self) -> dict[str, Any]:
        """The fields that the body has, by their Python names; null is None."""
        pairs = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in pairs if value is not UNSET}
