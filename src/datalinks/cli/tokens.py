"""``datalinks token``: tokens to call the API with."""

from typing import Annotated

from cyclopts import Parameter

from datalinks.cli.options import Options
from datalinks.errors import BadRequest

_DEFAULT = Options()
_TWO_HOURS = 7200


async def token(
    *,
    customer: str | None = None,
    name: str | None = None,
    admin: Annotated[bool, Parameter(negative="")] = False,
    expires_in: int = _TWO_HOURS,
    options: Options = _DEFAULT,
) -> None:
    """Print a token for a customer, or an admin token.

    Parameters
    ----------
    customer
        The customer's id in your product. The customer comes into being when the token is first used.
    name
        The customer's name.
    admin
        Make an admin token, which sees the whole workspace.
    expires_in
        Seconds until the token expires; 0 means never.
    """
    if not admin and not customer:
        raise BadRequest("Say whose token it is: --customer ID, or --admin.")
    async with options.services() as services:
        workspace = await options.chosen(services)
        claims = {"id": customer, "name": name, "isAdmin": admin or None}
        made = services.workspaces.mint_token(workspace, claims, expires_in or None)
    options.show({"token": made}, lambda: made)
