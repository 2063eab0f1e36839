"""Answers to what formulas ask about links: the newest match of each find, all finds of a table in one look-up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from datalinks.errors import BadRequest
from datalinks.formulas.questions import Answerer, FindLink
from datalinks.formulas.values import UNDEFINED
from datalinks.ids import MAX_LINK_NO
from datalinks.model.link import DataLink, Direction, record_id
from datalinks.services.activity import LinkActivity
from datalinks.services.caller import Caller
from datalinks.services.instances import Instances, InstanceSelector
from datalinks.store import links
from datalinks.store.database import Reader
from datalinks.store.links import LinkFilter


class LinkFinder:
    """Finds what formulas ask for in the instances of a connection, as far as a caller may see them.

    Nothing is made: a table that is not there, or has no instance for the connection, has no links.
    activity: where finds are counted, and what else its users do with links.
    """

    def __init__(self, reader: Reader, instances: Instances, activity: LinkActivity) -> None:
        self._reader = reader
        self._instances = instances
        self.activity = activity

    def answerer(self, caller: Caller, connection_id: str, instance_key: str | None) -> Answerer:
        """Who answers finds for a caller in a connection."""

        async def answer(questions: Sequence[FindLink]) -> list[Any]:
            answers: list[Any] = [UNDEFINED] * len(questions)
            for table_key, filters in _by_table(questions).items():
                wanted = InstanceSelector(
                    data_link_table_key=table_key, connection_id=connection_id, instance_key=instance_key
                )
                found = await self._find(caller, wanted, list(filters.values()))
                for index, record in zip(filters, found, strict=True):
                    answers[index] = record
            return answers

        return answer

    async def _find(self, caller: Caller, wanted: InstanceSelector, filters: Sequence[LinkFilter]) -> list[Any]:
        instance = await self._instances.find_resolved(caller, wanted)
        if instance is None:
            return [UNDEFINED] * len(filters)
        pages = await links.list_links_of_each(self._reader, instance, filters, [1] * len(filters), MAX_LINK_NO)
        self.activity.found_each(instance.no, [bool(page.items) for page in pages])
        return [
            _other_side(page.items[0], each) if page.items else UNDEFINED
            for page, each in zip(pages, filters, strict=True)
        ]


def _other_side(link: DataLink, wanted: LinkFilter) -> str:
    return link.app_record_id if wanted.app_record_id is None else link.external_record_id


def _by_table(questions: Sequence[FindLink]) -> Mapping[str, dict[int, LinkFilter]]:
    """The finds of each table, by their indexes; those that can have no link are left out."""
    tables: dict[str, dict[int, LinkFilter]] = defaultdict(dict)
    for index, asked in enumerate(questions):
        id = _record_id(asked.record_id)
        if id is None or not isinstance(asked.table_key, str):
            continue
        direction = Direction(asked.direction)
        is_import = direction is Direction.IMPORT
        tables[asked.table_key][index] = LinkFilter(
            direction, app_record_id=None if is_import else id, external_record_id=id if is_import else None
        )
    return tables


def _record_id(value: Any) -> str | None:
    """The id as links keep it; None for what no link has."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        return record_id(value, "$")
    except BadRequest:
        return None
