"""The server as its operator sees it: how it starts, what it logs, how it stops."""

import json
from pathlib import Path

import httpx2
import pytest

from support.server import running_server


def test_it_listens_where_it_is_told_and_stops_when_it_is_told(tmp_path: Path) -> None:
    with running_server(tmp_path, DATALINKS_HOST="localhost", DATALINKS_API_PREFIX="/api/v1/") as server:
        assert server.url.endswith("/api/v1")
        assert httpx2.get(f"{server.url}/ready").json() == {"status": "ok"}
        assert httpx2.get(f"{server.url}/openapi.json").json()["servers"] == [{"url": "/api/v1"}]
        outside = httpx2.get(f"http://127.0.0.1:{server.port}/ready")
        assert (outside.status_code, outside.json()["key"]) == (404, "not_found")
        assert server.stop() == 0


def test_the_log_has_one_line_a_request_with_its_id_and_no_secret(tmp_path: Path) -> None:
    with running_server(tmp_path, DATALINKS_LOG_FORMAT="json") as server:
        token = server.token("acme")
        headers = {"authorization": f"Bearer {token}", "x-request-id": "my-request"}
        httpx2.get(f"{server.url}/self?secret=value", headers=headers).raise_for_status()
        httpx2.get(f"{server.url}/customers", headers=headers)
        server.stop()

    text = (tmp_path / "server.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [(line["route"], line["status"], line["request_id"]) for line in lines if line["event"] == "request"]
    assert requests == [("/self", 200, "my-request"), ("/customers", 403, "my-request")]
    assert token not in text
    assert "value" not in text


def test_a_log_level_leaves_out_what_is_below_it(tmp_path: Path) -> None:
    with running_server(tmp_path, DATALINKS_LOG_LEVEL="warning") as server:
        httpx2.get(f"{server.url}/health").raise_for_status()
        server.stop()

    assert (tmp_path / "server.log").read_text() == ""


@pytest.mark.parametrize("origin", ["https://app.example.com", "null"])
def test_browsers_may_call_from_anywhere(tmp_path: Path, origin: str) -> None:
    with running_server(tmp_path) as server:
        preflight = httpx2.options(
            f"{server.url}/data-link-tables",
            headers={
                "origin": origin,
                "access-control-request-method": "DELETE",
                "access-control-request-headers": "authorization,content-type,membrane-api-version",
            },
        )
        refused = httpx2.get(f"{server.url}/data-link-tables", headers={"origin": origin})

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "membrane-api-version" in preflight.headers["access-control-allow-headers"]
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*", "a refusal can be read too"
