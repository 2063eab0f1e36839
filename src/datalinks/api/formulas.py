"""Endpoint of formulas: what a person uses to try one."""

from datalinks.services.caller import Caller
from datalinks.services.formulas import Evaluated, EvaluationDraft
from datalinks.services.services import Services


async def evaluate_formula(services: Services, caller: Caller, body: EvaluationDraft) -> Evaluated:
    """Evaluate a formula with variables and, if a connection is given, with its links. Nothing is changed.

    ``value`` is absent from the answer when nothing is left of the formula. An error's ``data.path`` is the place in it.
    """
    return await services.formulas.evaluate(caller, body)
