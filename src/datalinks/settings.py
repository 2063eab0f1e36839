"""Every setting, its default and its unit, in one frozen record.

A setting comes from the command line, else from the environment (``DATALINKS_<NAME>``), else from the TOML file that
``DATALINKS_CONFIG`` names (default ``datalinks.toml`` if it exists), else from its default.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from datalinks.errors import InvalidSettings

T = TypeVar("T")
Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]

PREFIX = "DATALINKS_"
# What else has the prefix: the file, and what our examples tell programs that call a server.
_NOT_SETTINGS = {f"{PREFIX}{name}" for name in ("CONFIG", "URL", "WORKSPACE_KEY", "WORKSPACE_SECRET")}
DEFAULT_FILE = "datalinks.toml"
_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the server runs.

    database: ``sqlite:///relative/file.db``, ``sqlite:////absolute/file.db`` or ``postgresql://user@host/name``.
    database_connections: how many connections to PostgreSQL one process holds at most.
    database_timeout_seconds: how long a statement, or the wait for a connection to PostgreSQL, may take.
    database_prepared_statements: how many prepared statements a connection keeps; 0 for a pooler that cannot.
    sqlite_group: how many writes that wait at the same time share one commit of a SQLite database; 1 for none.
    workers: how many processes serve one address.
    host, port: where it listens; port 0 takes a free one.
    api_prefix: a path in front of every route, e.g. ``/api``; empty for none.
    encryption_key: 32 bytes in base64 that encrypt secrets at rest; empty means the key file is used.
    encryption_key_file: made with mode 600 on first start; empty means the SQLite file's name with ``.key``.
    workspace: the key of the workspace that commands work in; empty means the only one.
    customers_may_write_tables: customer tokens may create, change and archive data link tables.
    max_body_bytes: larger request bodies are refused with 413.
    body_timeout_seconds: how long a request body may take to arrive.
    token_cache_size: how many verified tokens are remembered.
    outgoing_allow: ``host:port`` pairs, comma separated, that the server may call although their address is private.
    outgoing_timeout_seconds: how long an outgoing request may take.
    outgoing_max_response_bytes: longer answers to outgoing requests are given up.
    jwks_max_age_seconds: how long a workspace's published keys are trusted before they are read again.
    formula_depth: how many objects, arrays and formulas may stand inside one another in a formula.
    formula_size: of how many values a formula may be made.
    formula_steps: how many values an evaluation may compute before it ends, or asks for links or JSONata.
    formula_timeout_seconds: how long one evaluation may take altogether, with the links and the JSONata that it asks for.
    formula_result_size: how large a formula's result may be, in values and characters.
    jsonata_processes: how many processes evaluate JSONata; none is started before it is needed.
    jsonata_timeout_seconds: how long one JSONata expression may take.
    jsonata_memory_mb: how much memory one JSONata expression may take, in MiB.
    flow_worker: whether each process that serves requests works runs of flows off too; else ``datalinks worker`` must.
    flow_runs: how many runs of flows one process works at, at a time.
    flow_runs_per_connection: how many runs of one connection go on at a time, whoever works at them.
    flow_lease_seconds: how long a worker that is not heard of has its runs; clocks may differ by less than half of it.
    flow_poll_seconds: how often a worker without work looks for runs that other processes launched.
    flow_run_seconds: how long a run may take in one go before it fails.
    flow_node_runs: how many node runs a run may have.
    flow_claims: how often a run that ends its worker is begun again before it fails.
    flow_stop_seconds: how long runs under way may go on when their process is stopped; then others go on with them.
    flow_retention_days: how long ended runs are kept.
    flow_metrics_port: where ``datalinks worker`` shows its metrics, on the address of ``host``; 0 for nowhere.
    public_url: where others reach the server, with whatever path is in front of its routes; empty for as requests say.
    app_event_days: how long the log of app events keeps an event.
    flow_queue_per_connection: how many runs of flows may wait or run for one connection; more are refused.
    javascript_processes: how many processes run the JavaScript of flows; none is started before it is needed.
    javascript_timeout_seconds: how long the code of one node run may take.
    javascript_memory_mb: how much memory it may take, in MiB.
    console_session_seconds: how long a session of the console lasts; never longer than the token it was made from.
    log_level: ``debug``, ``info``, ``warning`` or ``error``. log_format: ``json`` or ``console``.
    """

    database: str = "sqlite:///datalinks.db"
    database_connections: Annotated[int, Meta(ge=2, le=1000)] = 16
    database_timeout_seconds: Seconds = 30.0
    database_prepared_statements: Annotated[int, Meta(ge=0)] = 1000
    # Enough that one flush serves every connection of a busy server, few enough that nobody waits long for the others.
    sqlite_group: Positive = 256
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8420
    api_prefix: str = ""
    encryption_key: str = ""
    encryption_key_file: str = ""
    workspace: str = ""
    customers_may_write_tables: bool = False
    max_body_bytes: Positive = 10 * 1024 * 1024
    body_timeout_seconds: Seconds = 60.0
    token_cache_size: Positive = 10_000
    outgoing_allow: str = ""
    outgoing_timeout_seconds: Seconds = 10.0
    outgoing_max_response_bytes: Positive = 30 * 1024 * 1024
    jwks_max_age_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 300.0
    formula_depth: Annotated[int, Meta(ge=1, le=200)] = 100
    formula_size: Positive = 100_000
    formula_steps: Positive = 1_000_000
    formula_result_size: Positive = 10_000_000
    formula_timeout_seconds: Seconds = 10.0
    jsonata_processes: Annotated[int, Meta(ge=1, le=256)] = 2
    jsonata_timeout_seconds: Seconds = 1.0
    jsonata_memory_mb: Annotated[int, Meta(ge=16, le=65_536)] = 128
    flow_worker: bool = True
    flow_runs: Annotated[int, Meta(ge=1, le=1000)] = 16
    flow_runs_per_connection: Annotated[int, Meta(ge=1, le=1000)] = 1
    flow_lease_seconds: Annotated[float, Meta(ge=1, le=3600)] = 30.0
    flow_poll_seconds: Annotated[float, Meta(ge=0.01, le=3600)] = 0.5
    flow_run_seconds: Annotated[float, Meta(gt=0, le=604_800)] = 3_000.0
    flow_node_runs: Positive = 100_000
    flow_claims: Positive = 5
    flow_stop_seconds: Annotated[float, Meta(ge=0, le=3600)] = 10.0
    flow_retention_days: Annotated[float, Meta(gt=0, le=36_500)] = 14.0
    flow_metrics_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    public_url: str = ""
    app_event_days: Annotated[float, Meta(gt=0, le=36_500)] = 14.0
    flow_queue_per_connection: Positive = 10_000
    javascript_processes: Annotated[int, Meta(ge=1, le=256)] = 2
    javascript_timeout_seconds: Seconds = 5.0
    javascript_memory_mb: Annotated[int, Meta(ge=16, le=65_536)] = 256
    console_session_seconds: Annotated[int, Meta(ge=1, le=31_536_000)] = 43_200
    log_level: str = "info"
    log_format: str = "console"

    def __repr__(self) -> str:
        return f"Settings(database={self.database_name!r}, host={self.host!r}, port={self.port})"

    def choice(self, name: str, options: Mapping[str, T]) -> T:
        """What a setting with few possible values stands for.

        Raises:
            InvalidSettings: it has another value.
        """
        value = str(getattr(self, name))
        if value not in options:
            raise InvalidSettings(f"The setting {name} is {value!r}: choose one of {', '.join(options)}.")
        return options[value]

    @property
    def is_postgres(self) -> bool:
        """Whether the database is PostgreSQL's."""
        return self.database.startswith(_POSTGRES)

    @property
    def database_name(self) -> str:
        """What logs call the database: its file, or its address without what logs in to it."""
        if not self.is_postgres:
            return str(self.sqlite_path)
        try:
            parts = urlsplit(self.database)
            return f"postgresql://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
        except ValueError:
            return "postgresql://"

    @property
    def sqlite_path(self) -> Path:
        """The database file.

        Raises:
            InvalidSettings: the database is no SQLite file.
        """
        name = self.database.removeprefix(_SQLITE)
        if name == self.database or not name or name == ":memory:":
            raise InvalidSettings(
                f"The database {self.database.partition('://')[0]!r} is not known: "
                "use sqlite:///file.db (relative), sqlite:////path/file.db (absolute) or postgresql://user@host/name."
            )
        return Path(name)

    @property
    def key_path(self) -> Path:
        """The file of the encryption key.

        Raises:
            InvalidSettings: the database is no file beside which it could be, and no file is named.
        """
        if self.is_postgres and not self.encryption_key_file:
            raise InvalidSettings(
                "On PostgreSQL the key that encrypts secrets must be given, the same to every server: set "
                "DATALINKS_ENCRYPTION_KEY (for instance to what `openssl rand -base64 32` prints) "
                "or DATALINKS_ENCRYPTION_KEY_FILE."
            )
        return Path(self.encryption_key_file or f"{self.sqlite_path}.key")

    @property
    def outgoing_allowed(self) -> frozenset[str]:
        """The ``host:port`` pairs of ``outgoing_allow``."""
        return frozenset(pair.strip().lower() for pair in self.outgoing_allow.split(",") if pair.strip())


def load_settings(environ: Mapping[str, str], given: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force; ``given`` are those of the command line, where None means not given.

    Raises:
        InvalidSettings: an unknown name in the file or environment, or a value of the wrong type.
    """
    values = {**_from_file(environ), **_from_environ(environ)}
    values.update({name: value for name, value in (given or {}).items() if value is not None})
    settings = _checked(values)
    if settings.api_prefix.strip("/"):
        return replace(settings, api_prefix="/" + settings.api_prefix.strip("/"))
    return replace(settings, api_prefix="")


def _from_file(environ: Mapping[str, str]) -> dict[str, Any]:
    name = environ.get(f"{PREFIX}CONFIG")
    path = Path(name or DEFAULT_FILE)
    if name is None and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidSettings(f"Cannot read the settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"The settings file {path} is not TOML: {error}") from error
    _refuse_unknown(values, f"the settings file {path}", "{}")
    return values


def _from_environ(environ: Mapping[str, str]) -> dict[str, str]:
    names = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        # An empty variable is one that is not given, as compose files have them.
        if value and name.startswith(PREFIX) and name not in _NOT_SETTINGS and not name.startswith(f"{PREFIX}TEST_")
    }
    _refuse_unknown(names, "the environment", PREFIX + "{}")
    return names


def _refuse_unknown(values: Mapping[str, Any], source: str, spelling: str) -> None:
    known = {field.name for field in fields(Settings)}
    for name in values:
        if name not in known:
            upper = name.upper() if spelling.startswith(PREFIX) else name
            raise InvalidSettings(f"There is no setting {spelling.format(upper)} ({source}); see `datalinks settings`.")


def _checked(values: Mapping[str, Any]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"A setting has a wrong value: {error}") from error
