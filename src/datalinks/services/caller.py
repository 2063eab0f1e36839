"""Who is calling, and what that lets them see."""

from dataclasses import dataclass

from datalinks.errors import AccessDenied
from datalinks.model.customer import Customer


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated caller of one workspace.

    customer: whom a customer token speaks for; under an admin token the customer it acts for, or None.
    is_admin: sees the whole workspace. Nobody sees anything of another workspace.
    epoch: the workspace's when the request arrived; None for one that remembers nothing.
    """

    workspace_id: str
    workspace_key: str
    workspace_name: str
    is_admin: bool
    customer: Customer | None = None
    epoch: int | None = None

    @property
    def customer_scope(self) -> str | None:
        """The id of the only customer whose things the caller may see; None for an admin, who sees all."""
        if self.is_admin:
            return None
        assert self.customer is not None, "a caller is an admin or a customer"
        return self.customer.id

    def require_admin(self, what: str) -> None:
        """Let admins pass.

        Raises:
            AccessDenied: the caller is a customer; ``what`` completes "... needs an admin token".
        """
        if not self.is_admin:
            raise AccessDenied(f"{what} needs an admin token (a token with the claim isAdmin).")
