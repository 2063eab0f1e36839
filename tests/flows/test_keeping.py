"""Runs that share a transaction: what happens to one of them is nothing to the others."""

import asyncio
from dataclasses import replace

import pytest

from datalinks.flows.definition import Definition
from datalinks.flows.keeping import Keeper, Keeping, NotKeptTogether
from datalinks.flows.progress import Progress
from datalinks.ids import new_id
from datalinks.model.flow_run import RunState
from datalinks.store import flow_runs
from datalinks.store.database import Transaction
from datalinks.store.flow_runs import Claim, ClaimedRun, Kept, LeaseLost
from flows.lab import Lab, node, open_lab
from support.app import App


@pytest.fixture
async def lab(app: App) -> Lab:
    return await open_lab(app)


async def claim_two(lab: Lab) -> list[ClaimedRun]:
    await lab.launch_many({"trigger": node("api-trigger")}, [[{}], [{}]])
    now = lab.clock.now()
    taken: list[ClaimedRun] = []
    for lease in (new_id(now), new_id(now)):
        claim = Claim(now=now, until=now + 30_000_000, lease=lease, places=2)
        taken += (await flow_runs.claim_runs(lab.app.services.database, claim, after="", limit=2)).runs
    return taken


def failed(run: ClaimedRun) -> Keeping:
    """A run that is to be kept as one that failed."""
    kept = Kept(state=RunState.FAILED, counts={}, errors=(), ended_at=run.created_at)
    return Keeping(run, Progress(Definition({}, ())), lambda: kept)


async def states(lab: Lab, runs: list[ClaimedRun]) -> list[str]:
    return [(await lab.ran(run.id)).run.state.value for run in runs]


async def test_a_run_that_is_lost_is_left_out_and_the_others_are_kept(lab: Lab) -> None:
    runs = await claim_two(lab)
    keeper = Keeper(lab.app.services.database)
    lost = replace(runs[0], lease="another's")

    answers = await asyncio.gather(keeper.keep(failed(lost)), keeper.keep(failed(runs[1])), return_exceptions=True)

    assert [type(each) for each in answers] == [LeaseLost, type(None)]
    assert await states(lab, runs) == ["running", "failed"]


async def test_a_mistake_in_one_run_undoes_all_and_each_can_be_kept_alone(lab: Lab) -> None:
    async def mistaken(_: Transaction) -> None:
        raise KeyError("x")

    runs = await claim_two(lab)
    keeper = Keeper(lab.app.services.database)
    wrong = replace(failed(runs[1]), write=mistaken)

    together = await asyncio.gather(keeper.keep(failed(runs[0])), keeper.keep(wrong), return_exceptions=True)
    assert [type(each) for each in together] == [NotKeptTogether, NotKeptTogether]
    assert await states(lab, runs) == ["running", "running"]

    await keeper.keep_alone(failed(runs[0]))
    with pytest.raises(KeyError):
        await keeper.keep_alone(wrong)
    assert await states(lab, runs) == ["failed", "running"]
