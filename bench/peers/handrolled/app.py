# ruff: noqa: INP001 - a folder of programs with an environment of its own
"""The service that a team writes for itself in an afternoon, written well.

FastAPI and pydantic for HTTP, SQLAlchemy for the table, PyJWT for tokens. It answers one question, as ours does:
``GET /links?connectionId=1&direction=import&appRecordId=u-17`` with a page of links, newest first.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import bindparam, select
from tables import Link, open_engine

SECRET = os.environ["HANDROLLED_SECRET"]
PAGE = 100
engine = open_engine()

# Made once: SQLAlchemy then finds the compiled text by its key, and the driver its prepared statement by the text.
BY_APP_RECORD = (
    select(Link.id, Link.app_record_id, Link.external_record_id, Link.direction, Link.created_at)
    .where(
        Link.connection_id == bindparam("connection_id"),
        Link.app_record_id == bindparam("app_record_id"),
        Link.direction == bindparam("direction"),
    )
    .order_by(Link.id.desc())
    .limit(PAGE)
)


class LinkOut(BaseModel):
    """A link as it is answered."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)

    id: int
    app_record_id: str
    external_record_id: str
    direction: Literal["import", "export"]
    created_at: datetime


class LinksOut(BaseModel):
    """A page of links."""

    items: list[LinkOut]


class LinkQuery(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(alias_generator=to_camel)

    connection_id: int
    direction: Literal["import", "export"]
    app_record_id: str = Field(min_length=1, max_length=512)


# Both async, as FastAPI runs what is not in a thread: it costs more than what they do.
bearer = HTTPBearer()


async def claims(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> dict[str, Any]:
    """The claims of the request's token, whose signature and ``exp`` are checked."""
    try:
        return jwt.decode(credentials.credentials, SECRET, algorithms=["HS256", "HS512"])
    except jwt.PyJWTError as error:
        raise HTTPException(401, "not authenticated") from error


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    """The pool lives as long as the service."""
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/links")
async def find_links(
    query: Annotated[LinkQuery, Query()], _claims: Annotated[dict[str, Any], Depends(claims)]
) -> LinksOut:
    """A page of links of an app record, newest first."""
    async with engine.connect() as connection:
        rows = (await connection.execute(BY_APP_RECORD, query.model_dump())).all()
    return LinksOut.model_validate({"items": rows})


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether the service is up."""
    return {"status": "ok"}
