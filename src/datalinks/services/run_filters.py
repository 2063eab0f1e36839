"""Which flow runs a list shows."""

from datetime import datetime
from typing import Any

import msgspec

from datalinks.ids import as_microseconds
from datalinks.model.element import Moment
from datalinks.model.flow_run import RunState
from datalinks.model.page import DEFAULT_LIMIT, Cursor, Limit
from datalinks.model.record import Draft


class FlowRunQuery(Draft, frozen=True, kw_only=True):
    """Which runs are wanted; every filter given must match.

    integration_flow_id, connection_flow_id: other names of the flow's and the instance's id.
    user_id, tenant_id: of one customer, by its id. started_after, since, until: launched since and until then.
    """

    id: str | None = None
    flow_instance_id: str | None = None
    connection_flow_id: str | None = None
    flow_id: str | None = None
    integration_flow_id: str | None = None
    universal_flow_id: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    integration_id: str | None = None
    connection_id: str | None = None
    start_node_key: str | None = None
    state: RunState | None = None
    started_after: Moment | None = None
    since: Moment | None = msgspec.field(default=None, name="from")
    until: Moment | None = msgspec.field(default=None, name="to")
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None

    def filters(self, customer_id: str | None) -> dict[str, Any]:
        """The filters as the store takes them. customer_id: of the only customer whose runs may be seen, if any."""
        return {
            "id": self.id,
            "flow_instance_id": self.flow_instance_id or self.connection_flow_id,
            "flow_id": self.flow_id or self.integration_flow_id,
            "universal_flow_id": self.universal_flow_id,
            "customer_id": customer_id or self.user_id or self.tenant_id,
            "integration_id": self.integration_id,
            "connection_id": self.connection_id,
            "start_node_key": self.start_node_key,
            "state": None if self.state is None else self.state.value,
            "since": _microseconds(self.started_after or self.since),
            "until": _microseconds(self.until),
        }


def _microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else as_microseconds(moment)
