"""The service that a team would write for itself (folder peers/handrolled), in an environment of its own."""

import hashlib
import secrets
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import jwt

from bench import records
from bench.failures import NotRun
from bench.processes.programs import ROOT, free_port, run_program, running, wait_until_listening
from bench.processes.wrk import Load

_BENCH = ROOT / "bench"
_SOURCE = _BENCH / "peers" / "handrolled"
_REQUIREMENTS = _SOURCE / "requirements.txt"
ENVIRONMENT = _BENCH / ".venv"
_MINUTES_10 = 600
_CONNECTION_ID = 1


class HandRolled:
    """One process of the service on a filled table, ended with the stack."""

    def __init__(self, folder: Path, database: str, links: int, stack: ExitStack) -> None:
        python = install()
        secret = secrets.token_hex(64)
        variables = {"HANDROLLED_DATABASE": database, "HANDROLLED_SECRET": secret, "PYTHONDONTWRITEBYTECODE": "1"}
        pairs = folder / "handrolled.csv"
        with pairs.open("wb") as lines:
            lines.writelines(records.csv_lines(records.kept(links)))
        with pairs.open("rb") as lines:
            run_program([python, _SOURCE / "load.py"], _MINUTES_10, variables, given=lines)
        pairs.unlink()
        port = free_port()
        log = folder / "handrolled.log"
        arguments = [python, "-m", "uvicorn", "--app-dir", _SOURCE, "--port", str(port), "--loop", "uvloop"]
        arguments += ["--http", "httptools", "--no-access-log", "--log-level", "warning", "app:app"]
        process = stack.enter_context(running(arguments, log, variables))
        wait_until_listening(port, process, log)
        claims = {"iss": "bench", "id": "acme", "exp": int(time.time()) + 24 * 3600}
        self._token = jwt.encode(claims, secret, "HS512")
        self._url = f"http://127.0.0.1:{port}"
        self._links = links

    def finds(self) -> Load:
        """Requests for random links."""
        query = f"connectionId={_CONNECTION_ID}&direction=import&appRecordId={records.APP_PATTERN}"
        return Load(url=self._url, path=f"/links?{query}", token=self._token, count=self._links, step=records.STEP)


def install() -> Path:
    """Bring the environment up to the requirements; its interpreter.

    Raises:
        NotRun: uv is not there.
    """
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "installed"
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}") or shutil.which("uv")
        if uv is None:
            raise NotRun("uv is not installed: `make install` brings it")
        run_program([uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT], _MINUTES_10)
        install = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", _REQUIREMENTS]
        run_program(install, _MINUTES_10)
        stamp.write_text(wanted)
    return python
