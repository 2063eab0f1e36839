"""``datalinks formula``: formulas tried at the command line."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from msgspec import UNSET

from datalinks.cli.options import Options, checked, print_json
from datalinks.errors import BadRequest
from datalinks.services.formula_engines import Evaluated, EvaluationMode
from datalinks.services.formulas import EvaluationDraft
from datalinks.wiring import open_formula_engines

_DEFAULT = Options()


def make_app(name: str) -> App:
    """The group of commands."""
    app = App(name=name, help="Try formulas.")
    app.command(evaluate, name="eval")
    return app


async def evaluate(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    vars: Path | None = None,
    build: Annotated[bool, Parameter(negative="")] = False,
    connection: str | None = None,
    integration: str | None = None,
    customer: str | None = None,
    instance_key: str | None = None,
    options: Options = _DEFAULT,
) -> None:
    """Print what a formula gives, as JSON; nothing when nothing is left of it.

    No database is needed but to find links, for which --connection or --integration says where they are.

    Parameters
    ----------
    file
        A JSON file with the formula; - reads standard input.
    vars
        A JSON file with an object: the variables.
    build
        Leave finds and lookups in place.
    connection
        Find links of this connection: its id.
    integration
        Instead of the connection: the integration's key, together with --customer.
    customer
        The customer's id in your product.
    instance_key
        Which of several instances of a table and the connection.
    """
    draft = checked(
        EvaluationDraft(
            formula=_read(file),
            variables={} if vars is None else _read(vars),
            mode=EvaluationMode.BUILD if build else EvaluationMode.RESOLVE,
            connection_id=connection,
            integration_key=integration,
            user_id=customer,
            instance_key=instance_key,
        )
    )
    evaluated = await (_with_links if draft.names_connection else _alone)(draft, options)
    if options.json:
        print_json(evaluated)
    elif evaluated.value is not UNSET:
        print_json(evaluated.value)


async def _with_links(draft: EvaluationDraft, options: Options) -> Evaluated:
    async with options.services() as services:
        return await services.formulas.evaluate(await options.admin(services), draft)


async def _alone(draft: EvaluationDraft, options: Options) -> Evaluated:
    async with open_formula_engines(options.settings()) as engines:
        return await engines.evaluate(draft.formula, draft.variables, draft.mode, {})


def _read(file: Path) -> Any:
    """A file's JSON.

    Raises:
        BadRequest: there is no such file, or it holds no JSON.
    """
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadRequest(f"The file {str(file)!r} cannot be read: {error.strerror}.") from error
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The file {str(file)!r} is not valid JSON: {error}") from error
