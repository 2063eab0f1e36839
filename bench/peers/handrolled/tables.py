# ruff: noqa: INP001 - a folder of programs with an environment of its own
"""The hand-rolled service's one table, and its engine: pools and pragmas as its authors would choose them after measuring."""

import os
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Index, String, UniqueConstraint, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# One thread per SQLite connection and one interpreter: more than two only wait for each other.
_SQLITE_CONNECTIONS = 2
_POSTGRES_CONNECTIONS = 8


class Base(DeclarativeBase):
    """The parent that SQLAlchemy wants."""


class Link(Base):
    """One link of a connection, in one direction."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("connection_id", "app_record_id", "direction", "external_record_id"),
        Index("links_by_external_record", "connection_id", "external_record_id", "direction"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    app_record_id: Mapped[str] = mapped_column(String(512))
    external_record_id: Mapped[str] = mapped_column(String(512))
    direction: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))


def open_engine() -> AsyncEngine:
    """The engine of the database that ``HANDROLLED_DATABASE`` names.

    Statements run without a transaction around each, as a read of one row needs none; what writes begins its own. So
    nothing has to be undone when a connection goes back to the pool, which saves a way to its thread and back.
    """
    url = os.environ["HANDROLLED_DATABASE"]
    is_postgres = url.startswith("postgresql")
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=_POSTGRES_CONNECTIONS if is_postgres else _SQLITE_CONNECTIONS,
        max_overflow=0,
        pool_reset_on_return=None,
    )
    if not is_postgres:
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
