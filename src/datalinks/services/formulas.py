"""Formulas evaluated for a caller, with the links of a connection."""

from typing import Any

import msgspec

from datalinks.formulas.questions import Answerer, FindLink, Question
from datalinks.model.record import InternalId, Json, JsonObject
from datalinks.services.caller import Caller
from datalinks.services.connection_finder import ConnectionFinder, ConnectionSelector
from datalinks.services.formula_engines import Evaluated, EvaluationMode, FormulaEngines
from datalinks.services.link_answers import LinkFinder


class EvaluationDraft(ConnectionSelector, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A formula to be evaluated.

    formula: any JSON; formulas may stand anywhere in it. variables: what ``$var`` reads.
    mode: whether finds are answered. Without a connection they are not.
    instance_key: which of several instances of a table and the connection.
    """

    formula: Json
    variables: JsonObject = msgspec.field(default_factory=dict[str, Any])
    mode: EvaluationMode = EvaluationMode.RESOLVE
    instance_key: InternalId | None = None


class Formulas:
    """Evaluates formulas for callers."""

    def __init__(self, engines: FormulaEngines, links: LinkFinder, finder: ConnectionFinder) -> None:
        self.engines = engines
        self._links = links
        self._finder = finder

    async def evaluate(self, caller: Caller, draft: EvaluationDraft) -> Evaluated:
        """What a formula gives for its variables and, where a connection is selected, its links.

        Raises:
            FormulaError: it cannot be computed, or takes more than it may; ``data["path"]`` is the place in it.
            NotFound: there is no such connection. BadRequest: several connections match.
        """
        answerers: dict[type[Question], Answerer] = {}
        if draft.names_connection:
            connection = await self._finder.select(caller, draft)
            answerers[FindLink] = self._links.answerer(caller, connection.id, draft.instance_key)
        return await self.engines.evaluate(draft.formula, draft.variables, draft.mode, answerers)
