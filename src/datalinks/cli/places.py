"""Where commands find links: the options that name one instance."""

from dataclasses import dataclass

from cyclopts import Parameter

from datalinks.cli.options import checked
from datalinks.services.instances import InstanceSelector


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Place:
    """Which instance is meant: its id, or a table and a connection.

    Parameters
    ----------
    table
        The table's key or id.
    connection
        The connection's id.
    integration
        Instead of the connection: the integration's key, together with --customer.
    customer
        The customer's id in your product.
    instance_key
        Which of several instances of one table and connection.
    instance
        The instance's id, instead of all of these.
    """

    table: str | None = None
    connection: str | None = None
    integration: str | None = None
    customer: str | None = None
    instance_key: str | None = None
    instance: str | None = None

    @property
    def selector(self) -> InstanceSelector:
        """The instance as services understand it."""
        selector = InstanceSelector(
            id=self.instance,
            data_link_table_id=self.table,
            connection_id=self.connection,
            integration_key=self.integration,
            user_id=self.customer,
            instance_key=self.instance_key,
        )
        return checked(selector)


NOWHERE = Place()
