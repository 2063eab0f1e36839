"""Both published SDKs, unmodified, against the real server process: each test is one case of ``cases/*.mjs``."""

from collections.abc import Generator
from pathlib import Path

import pytest

from sdk.app import running_app
from sdk.process import CaseRunner, list_cases
from support.engines import ENGINES, as_variables, settings_of
from support.server import Server, running_server

SDKS = ("@integration-app/sdk", "@membranehq/sdk")


@pytest.fixture(scope="module")
def app_url() -> Generator[str]:
    """An app that answers with what it was asked."""
    with running_app() as url:
        yield url


@pytest.fixture(scope="module", params=ENGINES)
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, app_url: str) -> Generator[Server]:
    """A server that may call the app."""
    folder = tmp_path_factory.mktemp("server")
    with settings_of(request.param, folder) as settings:
        allowed = {**settings, "outgoing_allow": app_url.removeprefix("http://")}
        with running_server(folder, **as_variables(allowed)) as started:
            yield started


@pytest.fixture(scope="module")
def runners(server: Server, app_url: str) -> Generator[dict[str, CaseRunner]]:
    """A process for each SDK, each with a workspace of its own."""
    started = {sdk: CaseRunner(sdk, server.url, *server.create_workspace(sdk), app_url) for sdk in SDKS}
    yield started
    for runner in started.values():
        runner.stop()


@pytest.mark.parametrize(("sdk", "case"), list_cases())
def test_case(runners: dict[str, CaseRunner], sdk: str, case: str) -> None:
    error = runners[sdk].run(case)

    assert error is None, error


def test_the_server_may_live_under_a_path(tmp_path: Path) -> None:
    with running_server(tmp_path, DATALINKS_API_PREFIX="/links/v1") as server:
        runners = [CaseRunner(sdk, f"{server.url}/", *server.create_workspace(sdk)) for sdk in SDKS]

        errors = [runner.run("links: a pair linked both ways is found from both sides") for runner in runners]

        for runner in runners:
            runner.stop()
    assert server.url.endswith("/links/v1")
    assert errors == [None, None]
