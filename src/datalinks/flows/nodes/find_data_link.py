"""``find-data-link``: the record on the other side of a link."""

from collections.abc import Iterable, Sequence
from typing import Any

from datalinks.errors import BadRequest
from datalinks.flows.config import check_direction, check_table, read_direction, read_record_id, read_table
from datalinks.flows.definition import Definition, Node
from datalinks.flows.node import Done, Failed, NodeKind, Outcome, Problem, World, failure
from datalinks.flows.progress import Step
from datalinks.formulas.questions import FindLink
from datalinks.formulas.values import UNDEFINED, is_nothing, is_object
from datalinks.model.error_data import ErrorData
from datalinks.model.link import Direction
from datalinks.model.record import JsonObject


class FindDataLink(NodeKind):
    """Puts out the id of the record that is linked to another, and an output without data when there is none.

    config: ``dataLinkTable: {key}``, ``direction``, ``recordId``. With ``import`` the record id is the external one and
    the app record's is found; with ``export`` the other way. ``externalRecordId`` or ``appRecordId`` say both at once.
    """

    type = "find-data-link"

    def check(self, node: Node, definition: Definition) -> Iterable[Problem]:
        yield from check_table(node.config)
        yield from check_direction(node.config, [each.value for each in Direction])
        if all(is_nothing(node.config.get(name)) for name in ("recordId", "externalRecordId", "appRecordId")):
            yield Problem("$.config.recordId", "The node needs recordId: the record whose link is looked for.")

    async def compute(self, node: Node, steps: Sequence[Step], world: World) -> list[Outcome]:
        configs = await world.resolve(node, node.config, steps)
        asked = [_question(node, config, step) for config, step in zip(configs, steps, strict=True)]
        questions = [each for each in asked if isinstance(each, FindLink)]
        found = iter(await world.find_links(questions) if questions else [])
        return [Done([next(found)]) if isinstance(each, FindLink) else each for each in asked]


def _question(node: Node, config: Any, step: Step) -> FindLink | Outcome:
    if isinstance(config, ErrorData):
        return Failed(config)
    members: JsonObject = config if is_object(config) else {}
    name = _name_of_record(members)
    if is_nothing(members.get(name)):
        # Nothing to look for finds nothing: flows branch by it.
        return Done([UNDEFINED])
    try:
        otherwise = Direction.EXPORT if name == "appRecordId" else Direction.IMPORT
        direction = read_direction(members, otherwise)
        return FindLink(direction.value, read_table(members), read_record_id(members, name))
    except BadRequest as error:
        return Failed(failure(error, node, step))


def _name_of_record(config: JsonObject) -> str:
    names = ("recordId", "externalRecordId", "appRecordId")
    return next((name for name in names if not is_nothing(config.get(name))), "recordId")
