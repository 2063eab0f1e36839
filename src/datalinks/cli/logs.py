"""The server's log: one event a line on standard error, for people or as JSON."""

import logging
import sys
from typing import Any

import msgspec
import structlog

from datalinks.settings import Settings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _to_json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def set_up_logs(settings: Settings) -> None:
    """Make every logger of the process write as the settings say.

    Raises:
        InvalidSettings: an unknown level or format.
    """
    level = settings.choice("log_level", _LEVELS)
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json: list[structlog.types.Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_to_json),
    ]
    as_text: list[structlog.types.Processor] = [
        # Plain, as the fuller form shows local variables: tokens, bodies, secrets.
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    ]
    structlog.configure(
        processors=shared + settings.choice("log_format", {"json": as_json, "console": as_text}),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
