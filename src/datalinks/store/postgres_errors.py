"""What PostgreSQL and its driver raise, as the project's own errors."""

from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from datalinks.errors import BadRequest, StorageFull, Unavailable
from datalinks.store.database import UniqueViolation

_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InternalClientError,
    # A disk that fails, or a server that is being recovered.
    asyncpg.PostgresIOError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    OSError,
    TimeoutError,
)


@contextmanager
def translated(*, writing: bool = False) -> Generator[None]:
    """Driver errors as the project's own; whatever is not foreseen passes as it is and is a bug.

    writing: a lost connection leaves open whether the change was made.
    """
    try:
        yield
    except asyncpg.DiskFullError as error:
        raise StorageFull("The disk under the database is full; nothing was written.") from error
    except asyncpg.UniqueViolationError as error:
        raise UniqueViolation(f"{error.constraint_name or ''} {error.detail or ''}") from error
    except asyncpg.CharacterNotInRepertoireError as error:
        raise BadRequest("A text cannot contain the NUL character.") from error
    except _AGAIN as error:
        raise Unavailable("Another write got in the way; nothing was written, try again.") from error
    except _GONE as error:
        if writing:
            raise Unavailable(
                "The database went away while it wrote: whether it did is not known. Sending the same again is safe."
            ) from error
        raise Unavailable("The database is out of reach; try again.") from error
