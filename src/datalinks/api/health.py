"""Signs of life, for whatever watches over the server. They ask for no token and say nothing about anyone's data."""

from datalinks.model.record import Record
from datalinks.services.services import Services


class Health(Record, frozen=True, kw_only=True):
    """``ok``; everything else is an error."""

    status: str


async def get_health() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


async def get_ready(services: Services) -> Health:
    """Whether the store answers too; 503 if it does not."""
    await services.database.check()
    return Health(status="ok")
