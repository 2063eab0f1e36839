"""Endpoints of the console's sessions."""

from datalinks.api.session_cookies import Visit
from datalinks.model.session import ConsoleSession, SignInDraft
from datalinks.services.caller import Caller
from datalinks.services.services import Services


async def open_session(services: Services, visit: Visit, body: SignInDraft) -> ConsoleSession:
    """Sign in to the console, with a token or with a workspace's key and secret.

    The answer sets the cookie `datalinks_session`, which then stands for the header `Authorization` in requests of the console.
    The request must have the header `X-Datalinks-Console: 1`.
    """
    visit.check_console()
    opened = await services.sessions.open(body)
    visit.keep(opened.token, opened.seconds)
    return opened.session


async def get_session(services: Services, caller: Caller, visit: Visit) -> ConsoleSession:
    """Get who is signed in, by the cookie or by a token."""
    return services.sessions.describe(caller, visit.token)


async def close_session(visit: Visit) -> None:
    """Sign out: the browser forgets the cookie. Also without a session."""
    visit.check_origin()
    visit.forget()
