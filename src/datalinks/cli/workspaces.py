"""``datalinks workspace``: the tenants of the server."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from msgspec import UNSET

from datalinks.cli.options import Options, table
from datalinks.errors import BadRequest
from datalinks.model.workspace import Workspace

_DEFAULT = Options()


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Create and manage workspaces, the tenants of the server.")
    app.command(create)
    app.command(list_workspaces, name="list")
    app.command(rotate_secret)
    app.command(configure)
    app.command(add_public_key)
    app.command(remove_public_key)
    return app


async def create(name: str, /, *, key: str | None = None, options: Options = _DEFAULT) -> None:
    """Create a workspace and print its key and secret. The secret is shown this once.

    Parameters
    ----------
    name
        What people call it.
    key
        What tokens call it by; made from the name if it is not given.
    """
    async with options.services() as services:
        made = await services.workspaces.create(name, key)
    options.show(_with_secret(made), lambda: f"key:    {made.key}\nsecret: {made.secret}")


async def list_workspaces(*, options: Options = _DEFAULT) -> None:
    """List the workspaces, oldest first."""
    async with options.services() as services:
        found = await services.workspaces.list_all()
    rows = [(each.key, each.name, each.id, len(each.settings.public_keys)) for each in found]
    options.show([_shown(each) for each in found], lambda: table(("KEY", "NAME", "ID", "PUBLIC KEYS"), rows))


async def rotate_secret(key: str, /, *, options: Options = _DEFAULT) -> None:
    """Give a workspace a new secret and print it. Tokens signed with the old one are refused at once.

    Parameters
    ----------
    key
        The workspace's key.
    """
    async with options.services() as services:
        changed = await services.workspaces.rotate_secret(key)
    options.show(_with_secret(changed), lambda: f"key:    {changed.key}\nsecret: {changed.secret}")


async def configure(
    key: str,
    /,
    *,
    jwks_uri: str | None = None,
    secret_key_auth: Annotated[bool | None, Parameter(negative="--no-secret-key-auth")] = None,
    api_base_uri: str | None = None,
    api_allowed_hosts: str | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Change how tokens of a workspace may be signed, and where the API of your own app is.

    Parameters
    ----------
    key
        The workspace's key.
    jwks_uri
        Where more public keys are published; an empty text forgets it.
    secret_key_auth
        Whether the workspace secret may sign tokens.
    api_base_uri
        Where the API of your own app is, which the server calls for customers; an empty text forgets it.
    api_allowed_hosts
        Further hosts that your app may be called at, comma separated: host, host:port or *.domain.
    """
    if jwks_uri is None and secret_key_auth is None and api_base_uri is None and api_allowed_hosts is None:
        raise BadRequest(
            "Say what to change: --jwks-uri URL, --secret-key-auth, --no-secret-key-auth, --api-base-uri URL "
            "or --api-allowed-hosts HOSTS."
        )
    async with options.services() as services:
        changed = await services.workspaces.configure(
            key,
            jwks_uri=UNSET if jwks_uri is None else jwks_uri or None,
            disable_secret_key_auth=UNSET if secret_key_auth is None else not secret_key_auth,
            api_base_uri=UNSET if api_base_uri is None else api_base_uri or None,
            api_allowed_hosts=UNSET if api_allowed_hosts is None else _hosts(api_allowed_hosts),
        )
    options.show(_shown(changed), lambda: f"Changed {key}.")


async def add_public_key(key: str, name: str, file: Path, /, *, options: Options = _DEFAULT) -> None:
    """Register a public key (RSA or EC, PEM) whose private half signs tokens.

    Parameters
    ----------
    key
        The workspace's key.
    name
        What the public key is called; one with the same name is replaced.
    file
        The PEM file.
    """
    pem = _read(file)
    async with options.services() as services:
        changed = await services.workspaces.add_public_key(key, name, pem)
    options.show(_shown(changed), lambda: f"Tokens of {key} may now be signed with the private half of {name}.")


async def remove_public_key(key: str, name: str, /, *, options: Options = _DEFAULT) -> None:
    """Forget a public key. Tokens signed with it are refused at once.

    Parameters
    ----------
    key
        The workspace's key.
    name
        The public key's name.
    """
    async with options.services() as services:
        changed = await services.workspaces.remove_public_key(key, name)
    options.show(_shown(changed), lambda: f"Tokens of {key} signed with {name} are refused from now on.")


def _hosts(text: str) -> list[str]:
    return [host.strip().lower() for host in text.split(",") if host.strip()]


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"Cannot read the key file {file}: {error}") from error


def _shown(workspace: Workspace) -> dict[str, Any]:
    return {"id": workspace.id, "key": workspace.key, "name": workspace.name, "settings": workspace.settings}


def _with_secret(workspace: Workspace) -> dict[str, Any]:
    return {**_shown(workspace), "secret": workspace.secret}
