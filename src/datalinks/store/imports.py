"""Imports as rows: how far each has come; and many links written or compared at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from datalinks.store.database import Reader, Transaction
from datalinks.store.instances import InstanceNo
from datalinks.store.links import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import has come. Rows are those of the file, good and bad.

    done_rows: whose links are written. position: pairs of the stretch behind them, in its order, that are written too.
    checksum: of the rows that are done and, where the position is not 0, of the stretch behind them.
    finished_at: when the last row was written, in microseconds since 1970, or None.
    """

    done_rows: int = 0
    position: int = 0
    checksum: int = 0
    new_rows: int = 0
    unchanged_rows: int = 0
    repeated_rows: int = 0
    bad_rows: int = 0
    finished_at: int | None = None


_COLUMNS = tuple(field.name for field in fields(Progress))


class Overtaken(Exception):
    """Another upload of the same import has come further; the transaction can only be left."""


async def find_progress(reader: Reader, instance: InstanceNo, key: str) -> Progress | None:
    """How far the import with this key has come, or None if there is none."""
    row = await reader.fetch_one("find_import", instance_no=instance.no, key=key)
    return None if row is None else Progress(**{name: row[name] for name in _COLUMNS})


async def put_progress(
    tx: Transaction, instance: InstanceNo, key: str, before: Progress, progress: Progress, now: int
) -> None:
    """Keep how far an import has come from where it was before.

    Raises:
        Overtaken: it was elsewhere.
    """
    values: dict[str, Any] = {name: getattr(progress, name) for name in _COLUMNS}
    came_from = {"before_rows": before.done_rows, "before_position": before.position}
    if not await tx.execute("put_import", instance_no=instance.no, key=key, now=now, **came_from, **values):
        raise Overtaken


async def put_new_links(tx: Transaction, instance: InstanceNo, pairs: Sequence[Pair]) -> int:
    """Write the links of pairs, none of them twice, that are not there; how many pairs that changed.

    Raises:
        UniqueViolation: another process gave one of the numbers away in the same microsecond.
    """
    await _stage(tx, pairs)
    return await tx.execute("put_staged_links", instance_no=instance.no)


async def compare_links(tx: Transaction, instance: InstanceNo, pairs: Sequence[Pair]) -> dict[tuple[str, str], bool]:
    """The pairs that writing would change, as (app record id, external record id), and for each whether it displaces.

    A new link displaces where a record of its pair has a link of the same direction to another record: whoever asks for
    one answer is given the new one from then on.
    """
    await _stage(tx, pairs)
    rows = await tx.fetch("compare_staged_links", instance_no=instance.no)
    return {(row["app_record_id"], row["external_record_id"]): bool(row["displaces"]) for row in rows}


async def _stage(tx: Transaction, pairs: Sequence[Pair]) -> None:
    await tx.stage([(each.app_record_id, each.external_record_id, each.import_no, each.export_no) for each in pairs])
