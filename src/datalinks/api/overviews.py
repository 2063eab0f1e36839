"""The endpoint of the overview."""

from typing import Annotated

from msgspec import Meta

from datalinks.model.overview import Overview
from datalinks.model.record import Draft
from datalinks.services.caller import Caller
from datalinks.services.services import Services

_Hours = Annotated[int, Meta(ge=1, le=168)]


class OverviewQuery(Draft, frozen=True, kw_only=True):
    """hours: how many of the last hours are shown, the one under way among them."""

    hours: _Hours = 24


async def get_overview(services: Services, caller: Caller, query: OverviewQuery) -> Overview:
    """What there is of everything, what was done with links hour by hour, and which tables link which integrations.

    An admin sees the workspace, a customer its own things. Links are counted as counts of tables are, at a bounded cost.
    """
    return await services.overviews.get(caller, query.hours)
