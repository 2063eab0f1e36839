"""Which columns a link file has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field

from msgspec import UNSET

from datalinks.errors import BadRequest
from datalinks.files.chunks import shown
from datalinks.model.link import RequestedDirection

# What exports hold besides a link's three columns: read files may have them, and they are not looked at.
EXPORTED_COLUMNS = ("id", "createdAt", "updatedAt")

_BITS = {RequestedDirection.IMPORT: 1, RequestedDirection.EXPORT: 2, RequestedDirection.BOTH: 3}
_MAX_NAMES = 20
# What every format can have as a name.
_NAME = re.compile(r'[^\x00-\x1f"\\\ud800-\udfff]+')


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold what; names are compared byte for byte.

    Raises:
        BadRequest: one column would hold two things, or a name is empty or has quotes, backslashes or control characters.
    """

    app_record_id: str = "appRecordId"
    external_record_id: str = "externalRecordId"
    direction: str = "direction"

    def __post_init__(self) -> None:
        impossible = [name for name in astuple(self) if not _NAME.fullmatch(name)]
        if impossible:
            raise BadRequest(f"A column cannot be named {impossible[0][:100]!r}.")
        if len(set(astuple(self))) < len(astuple(self)):
            raise BadRequest(f"Three different columns are needed, not {_listed(astuple(self))}.")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file is expected to hold.

    direction: what a row means that gives none. ignore_unknown_columns: whether a file may have any other columns.
    """

    columns: Columns = field(default_factory=Columns)
    direction: RequestedDirection = RequestedDirection.BOTH
    ignore_unknown_columns: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """The columns a file may have, those that are read first."""
        read = astuple(self.columns)
        return (*read, *(name for name in EXPORTED_COLUMNS if name not in read))

    def direction_bits(self) -> Mapping[object, int]:
        """The bitmask of every direction a row may have: import is 1, export 2, both 3.

        What is empty, null or not there is the default.
        """
        default = _BITS[self.direction]
        return {
            **{direction.value: bits for direction, bits in _BITS.items()},
            "": default,
            None: default,
            UNSET: default,
        }

    def check_header(self, names: Sequence[str]) -> None:
        """Look whether a file has the columns it needs, each once, and no others.

        Raises:
            BadRequest: a column is unknown, missing, or there twice.
        """
        self.check_known(names)
        twice = sorted({name for name in names if name in self.known and names.count(name) > 1})
        if twice:
            raise BadRequest(f"The file has more than one column {_listed(twice)}.")
        needed = (self.columns.app_record_id, self.columns.external_record_id)
        missing = [name for name in needed if name not in names]
        if missing:
            raise BadRequest(f"The file has no column {_listed(missing)}; its columns are {_listed(names)}.")

    def check_known(self, names: Sequence[str]) -> None:
        """Look whether all columns are known.

        Raises:
            BadRequest: one is not, and unknown ones are not ignored.
        """
        unknown = [name for name in names if name not in self.known]
        if unknown and not self.ignore_unknown_columns:
            raise BadRequest(
                f"The file has unknown columns: {_listed(unknown)}. Known are {_listed(self.known)}: "
                "rename or remove the others, or ask for unknown columns to be ignored."
            )


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{shown(name[:100])}`" for name in names[:_MAX_NAMES])
    return listed if len(names) <= _MAX_NAMES else f"{listed} and {len(names) - _MAX_NAMES} more"
