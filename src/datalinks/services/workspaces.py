"""Workspaces: made and changed by whoever runs the server, never over the API."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import msgspec
from msgspec import UNSET, UnsetType

from datalinks.errors import AlreadyExists, BadRequest, NotFound
from datalinks.ids import Clock, new_id
from datalinks.model.integration import Host
from datalinks.model.keys import key_candidates
from datalinks.model.record import Key, Name
from datalinks.model.workspace import PublicKey, Workspace, WorkspaceSettings
from datalinks.outgoing.urls import check_base
from datalinks.services.caller import Caller
from datalinks.services.secrets import Secrets
from datalinks.services.token_keys import public_key
from datalinks.store import workspaces
from datalinks.store.database import Database, Reader, UniqueViolation

# HS512, the strongest of the three, wants a key of at least 64 bytes.
_SECRET_BYTES = 64


class Workspaces:
    """The operator's side of workspaces; nothing here asks for a token."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock

    async def create(self, name: str, key: str | None = None) -> Workspace:
        """A new workspace; the answer has its secret in the clear, the only time besides a rotation.

        key: what tokens call it by; None makes one from the name.

        Raises:
            BadRequest: name or key have a wrong form. AlreadyExists: the key given is taken.
        """
        _check(name, Name, "name")
        if key is not None:
            return await self._insert(name, _check(key, Key, "key"))
        for candidate in key_candidates(name):
            try:
                return await self._insert(name, candidate)
            except AlreadyExists:
                continue
        raise AlreadyExists(f"Every key made from the name {name!r} is taken: give one with --key.")

    async def list_all(self) -> list[Workspace]:
        """Every workspace, oldest first; secrets stay sealed."""
        return await workspaces.list_workspaces(self._database)

    async def get(self, key: str, reader: Reader | None = None) -> Workspace:
        """The workspace with this key; its secret stays sealed.

        Raises:
            NotFound: there is none.
        """
        found = await workspaces.find_workspace(reader or self._database, key)
        if found is None:
            raise NotFound(f"There is no workspace with the key {key!r}: `datalinks workspace list` shows them.")
        return found

    async def find_operator(self, id: str) -> Caller | None:
        """The caller that the server's own work in the workspace with this id acts as, or None if there is no such one."""
        found = await workspaces.find_workspace_by_id(self._database, id)
        return None if found is None else self.operator(found)

    async def get_only(self, key: str | None) -> Workspace:
        """The workspace with this key or, without a key, the only one there is.

        Raises:
            NotFound: there is none. BadRequest: no key is given and there are several.
        """
        if key:
            return await self.get(key)
        found = await self.list_all()
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound("There is no workspace yet: make one with `datalinks workspace create NAME`.")
        raise BadRequest(f"Say which workspace with --workspace: {', '.join(each.key for each in found)}.")

    async def rotate_secret(self, key: str) -> Workspace:
        """Give a workspace a new secret; tokens signed with the old one are refused from now on.

        The answer has the new secret in the clear.

        Raises:
            NotFound: there is no such workspace.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)

        def change(workspace: Workspace) -> Workspace:
            return msgspec.structs.replace(workspace, secret=self._secrets.seal(workspace.id, secret))

        return msgspec.structs.replace(await self._change(key, change), secret=secret)

    async def configure(
        self,
        key: str,
        jwks_uri: str | UnsetType | None = UNSET,
        disable_secret_key_auth: bool | UnsetType = UNSET,
        api_base_uri: str | UnsetType | None = UNSET,
        api_allowed_hosts: list[str] | UnsetType = UNSET,
    ) -> Workspace:
        """Change how a workspace's tokens may be signed, and where its product is; what is UNSET stays.

        jwks_uri, api_base_uri: None forgets the address. api_allowed_hosts: see ``WorkspaceSettings``.

        Raises:
            NotFound: there is no such workspace.
            BadRequest: an address is no http(s) URL, or a host has another form.
        """
        if isinstance(jwks_uri, str) and not jwks_uri.startswith(("https://", "http://")):
            raise BadRequest("The JWKS address must start with https:// (or http://).")
        if isinstance(api_base_uri, str):
            check_base(api_base_uri, "$.apiBaseUri")
        for host in () if api_allowed_hosts is UNSET else api_allowed_hosts:
            _check(host, Host, "host")
        values = {
            "jwks_uri": jwks_uri,
            "disable_secret_key_auth": disable_secret_key_auth,
            "api_base_uri": api_base_uri,
            "api_allowed_hosts": api_allowed_hosts,
        }
        given = {name: value for name, value in values.items() if value is not UNSET}
        return await self._change(key, lambda workspace: _with_settings(workspace, **given))

    async def add_public_key(self, key: str, name: str, pem: str) -> Workspace:
        """Register a public key; one with the same name is replaced.

        Raises:
            NotFound: there is no such workspace. BadRequest: the PEM is no RSA or EC public key.
        """
        try:
            public_key(pem)
        except ValueError as error:
            raise BadRequest(f"This is no public key in PEM: {error}") from error
        added = PublicKey(name=name, public_key=pem)
        return await self._change(
            key, lambda workspace: _with_settings(workspace, public_keys=[*_keys_but(workspace, name), added])
        )

    async def remove_public_key(self, key: str, name: str) -> Workspace:
        """Forget a public key; tokens signed with it are refused from now on.

        Raises:
            NotFound: there is no such workspace, or it has no such key.
        """

        def change(workspace: Workspace) -> Workspace:
            others = _keys_but(workspace, name)
            if len(others) == len(workspace.settings.public_keys):
                raise NotFound(f"The workspace {key!r} has no public key named {name!r}.")
            return _with_settings(workspace, public_keys=others)

        return await self._change(key, change)

    async def check_key(self) -> None:
        """Make sure that the encryption key in hand is the one the store was made with.

        Raises:
            InvalidSettings: it is another one.
        """
        for workspace in (await self.list_all())[:1]:
            self._secrets.open(workspace)

    def mint_token(self, workspace: Workspace, claims: Mapping[str, Any], expires_in: int | None) -> str:
        """A token of a kept workspace with these claims, those that are None left out.

        expires_in: seconds until it expires; None means never.
        """
        given = {name: value for name, value in claims.items() if value is not None}
        now = self._clock.now() // 1_000_000
        expiry = {} if expires_in is None else {"exp": now + expires_in}
        return jwt.encode({"iss": workspace.key, **given, "iat": now, **expiry}, self._secrets.open(workspace), "HS512")

    @staticmethod
    def operator(workspace: Workspace) -> Caller:
        """The caller that the operator's own commands act as: an admin of the workspace."""
        return Caller(workspace.id, workspace.key, workspace.name, is_admin=True)

    async def _insert(self, name: str, key: str) -> Workspace:
        now = self._clock.now()
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        workspace = Workspace(id=new_id(now), key=key, name=name, settings=WorkspaceSettings(), secret=secret)
        sealed = msgspec.structs.replace(workspace, secret=self._secrets.seal(workspace.id, secret))
        try:
            async with self._database.transaction() as tx:
                await workspaces.insert_workspace(tx, sealed, now)
        except UniqueViolation as error:
            raise AlreadyExists(f"There is a workspace with the key {key!r} already.") from error
        return workspace

    async def _change(self, key: str, change: Callable[[Workspace], Workspace]) -> Workspace:
        known = await self.get(key)
        async with workspaces.changing(self._database, known.id) as tx:
            changed = change(await self.get(key, tx))
            await workspaces.update_workspace(tx, changed)
        return changed


def _with_settings(workspace: Workspace, **changes: Any) -> Workspace:
    settings = msgspec.structs.replace(workspace.settings, **changes)
    return msgspec.structs.replace(workspace, settings=settings)


def _keys_but(workspace: Workspace, name: str) -> list[PublicKey]:
    return [each for each in workspace.settings.public_keys if each.name != name]


def _check(value: str, kind: Any, what: str) -> str:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The {what} {value!r} is not valid: {error}") from error
