"""How requests to an external app are authenticated: what an integration says of it, with the credentials of its connections."""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta, field

from datalinks.model.record import Record, Text

_NO_NUL = r"^[^\x00]*$"
_HEADER_OR_PARAMETER = r"^[!-~]+$"
REFERENCE_PATTERN = r"^\$\.(credentials|connectorParameters|input)(\.[^.\s\x00]+)+$"


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value of a connection's secrets, e.g. ``{"$var": "$.credentials.apiKey"}``."""

    path: Annotated[str, Meta(max_length=300, pattern=REFERENCE_PATTERN)] = field(name="$var")


Value: TypeAlias = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=_NO_NUL)] | Reference


class _Scheme(Record, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """A way of authentication. SECRETS: its fields whose texts are kept encrypted and shown only when secrets are asked for."""

    SECRETS: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class NoAuth(_Scheme, frozen=True, kw_only=True, tag="none"):
    """Requests are sent as they are."""


class BearerAuth(_Scheme, frozen=True, kw_only=True, tag="bearer"):
    """Requests carry ``Authorization: Bearer <token>``.

    token: ``$.credentials.token`` if it is not given.
    """

    SECRETS = ("token",)
    token: Value | None = None


class BasicAuth(_Scheme, frozen=True, kw_only=True, tag="basic"):
    """Requests carry ``Authorization: Basic ...``.

    username, password: ``$.credentials.username`` and ``$.credentials.password`` if they are not given.
    """

    SECRETS = ("password",)
    username: Value | None = None
    password: Value | None = None


class ApiKeyAuth(_Scheme, frozen=True, kw_only=True, tag="api-key"):
    """Requests carry a key in a header or in the query.

    place: where. name: of the header or the query parameter. prefix: what stands before the key, e.g. ``Token ``.
    value: ``$.credentials.apiKey`` if it is not given.
    """

    SECRETS = ("value",)
    place: Literal["header", "query"] = field(name="in", default="header")
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_HEADER_OR_PARAMETER)]
    prefix: Annotated[str, Meta(max_length=100, pattern=r"^[ -~]*$")] = ""
    value: Value | None = None


class _OAuth(_Scheme, frozen=True, kw_only=True):
    """Requests carry an access token that a token endpoint gives out.

    token_uri: the token endpoint. scopes: what is asked for; none asks for what the client may have.
    client_id, client_secret: ``$.credentials.clientId`` and ``$.credentials.clientSecret`` if they are not given.
    client_auth_location: whether the client names itself in the header or in the body.
    extra: further parameters of requests for tokens, e.g. ``audience``; no secrets.
    """

    SECRETS = ("client_secret",)
    token_uri: Text
    client_id: Value | None = None
    client_secret: Value | None = None
    scopes: list[Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[!-~]+$")]] = field(
        default_factory=list[str]
    )
    client_auth_location: Literal["headers", "body"] = "headers"
    extra: dict[str, Text] = field(default_factory=dict[str, str])


class ClientCredentialsAuth(_OAuth, frozen=True, kw_only=True, tag="oauth2-client-credentials"):
    """OAuth 2 without a user: the client's own id and secret are exchanged for tokens."""


class OAuth2Auth(_OAuth, frozen=True, kw_only=True, tag="oauth2"):
    """OAuth 2 with a user's consent: ``credentials`` hold ``access_token`` and ``refresh_token`` as the token endpoint named them.

    A client without a secret is a public one.
    """


OAuth: TypeAlias = ClientCredentialsAuth | OAuth2Auth
Auth: TypeAlias = NoAuth | BearerAuth | BasicAuth | ApiKeyAuth | ClientCredentialsAuth | OAuth2Auth


def secrets_of(auth: Auth) -> dict[str, Any] | None:
    """The texts in it that are secrets, with its type; None if it has none."""
    texts = {name: value for name in auth.SECRETS if isinstance(value := getattr(auth, name), str)}
    return {"type": _type(auth), **texts} if texts else None


def without_secrets(auth: Auth) -> Auth:
    """The same, but the texts that are secrets are left out."""
    return msgspec.structs.replace(auth, **{name: None for name in secrets_of(auth) or () if name != "type"})


def with_secrets(auth: Auth, kept: dict[str, Any] | None) -> Auth:
    """The same with kept secrets in the fields that are not given; those of another type are not for it."""
    if kept is None or kept["type"] != _type(auth):
        return auth
    missing = {name: kept[name] for name in auth.SECRETS if name in kept and getattr(auth, name) is None}
    return msgspec.structs.replace(auth, **missing)


def _type(auth: Auth) -> Any:
    return auth.__struct_config__.tag
