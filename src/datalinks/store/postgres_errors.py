"""What PostgreSQL and its driver raise, as the project's own errors."""

from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from datalinks.errors import BadRequest, StorageFull, Unavailable
from datalinks.store.database import TookTooLong, UniqueViolation

# Nothing was written, and the connection is as good as before.
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    # A newer version of the program has changed the schema under a prepared statement, which is prepared anew.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
# The server says that it cannot: nothing was written. Another one, or the same a little later, may be able to.
_REFUSED = (
    asyncpg.CannotConnectNowError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    # A standby, or a server that is being recovered.
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    # A disk that fails.
    asyncpg.PostgresIOError,
)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    # The server shuts down, or somebody ends its side of the connection.
    asyncpg.OperatorInterventionError,
    OSError,
)
_UNKNOWN = "The database went away while it wrote: whether it did is not known. Sending the same again is safe."


class ConnectionLost(Unavailable):
    """The connection is of no use any more, and what has befallen it has befallen others of its time."""


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
    except asyncpg.QueryCanceledError as error:
        raise Unavailable("The database gave up, as it took too long; nothing was written, try again.") from error
    except asyncpg.InsufficientResourcesError as error:
        raise Unavailable("The database has no room for more at the moment; nothing was written, try again.") from error
    except _REFUSED as error:
        raise ConnectionLost("The database is out of reach; nothing was written, try again.") from error
    except TimeoutError as error:
        raise TookTooLong(_UNKNOWN if writing else "The database did not answer in time; try again.") from error
    except asyncpg.ConnectionFailureError as error:
        # The server itself says so, of a machine behind it: the connection to the server is as good as before.
        raise Unavailable(_UNKNOWN if writing else "A machine of the database is out of reach; try again.") from error
    except _LOST as error:
        raise ConnectionLost(_UNKNOWN if writing else "The database is out of reach; try again.") from error
