"""Query strings that several endpoints understand."""

from typing import Annotated

from msgspec import Meta

from datalinks.model.page import DEFAULT_LIMIT, Cursor, Limit, Listing
from datalinks.model.record import Draft

Search = Annotated[str, Meta(max_length=500, description="Text to find in name or key, without regard to case.")]


class ListQuery(Draft, frozen=True, kw_only=True):
    """Which page of a list is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None
    search: Search | None = None
    include_archived: bool = False

    @property
    def listing(self) -> Listing:
        """The page as services understand it."""
        return Listing(self.limit, self.cursor, self.search, self.include_archived)


class CountsQuery(Draft, frozen=True, kw_only=True):
    """include_counts: with how many links each has; a call counts 50 instances anew at most."""

    include_counts: bool = False


class OwnerQuery(Draft, frozen=True, kw_only=True):
    """Whose things are meant: a customer's id or internal id, for admins only.

    user_id and tenant_id say the same.
    """

    user_id: str | None = None
    tenant_id: str | None = None

    @property
    def owner(self) -> str | None:
        """The customer that is named, or None."""
        return self.user_id or self.tenant_id


class SecretsQuery(Draft, frozen=True, kw_only=True):
    """include_secrets: with the secrets in the clear, for admins only."""

    include_secrets: bool = False
