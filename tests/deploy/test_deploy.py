"""What the image, the compose file and the chart promise, read by the parsers of those who will read them.

The vendors' own tools have a say where they are installed; the other tests need none of them.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from datalinks.settings import Settings
from support.server import environment, running_server

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "datalinks"
SETTINGS = {f"DATALINKS_{field.name.upper()}" for field in fields(Settings)}
SECRETS = {"POSTGRES_PASSWORD": "s3cret", "DATALINKS_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
# The least that has to be given, and something of everything.
VALUES: dict[str, dict[str, Any]] = {
    "least": {"secret": {"name": "datalinks"}},
    "all": yaml.safe_load((Path(__file__).parent / "chart-values.yaml").read_text("utf-8")),
}


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with its arguments on one line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = [line.split(maxsplit=1) for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in lines]


def image() -> dict[str, str]:
    """The last of each kind of instruction, which is the image's own."""
    return dict(instructions())


def tool(name: str) -> str:
    """A program of the tests' own environment, else of the machine."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=ROOT, env=environment(**variables), capture_output=True, text=True, check=False, timeout=60
    )


# The image


def test_the_image_runs_as_a_user_that_is_not_root_and_told_by_number() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image()["USER"])


def test_the_image_starts_the_server_itself_which_so_gets_the_signals() -> None:
    assert json.loads(image()["ENTRYPOINT"]) == ["datalinks"]
    assert json.loads(image()["CMD"]) == ["serve"]
    assert image()["VOLUME"] == "/data"
    assert "DATALINKS_HOST=0.0.0.0" in image()["ENV"]


def test_the_health_check_is_the_file_that_the_image_has() -> None:
    command = json.loads(image()["HEALTHCHECK"].partition("CMD ")[2])

    assert command == ["python", "/opt/datalinks/health.py"]
    assert ("COPY", "deploy/health.py /opt/datalinks/health.py") in instructions()


def test_the_health_check_knows_a_good_server_from_a_bad_one(tmp_path: Path) -> None:
    command = (sys.executable, str(DEPLOY / "health.py"))

    with running_server(tmp_path) as server:
        port = str(server.port)
        good = run(*command, DATALINKS_PORT=port, http_proxy="http://127.0.0.1:9")
        astray = run(*command, DATALINKS_PORT=port, DATALINKS_API_PREFIX="elsewhere")
    nobody = run(*command, DATALINKS_PORT=port)

    assert (good.returncode, good.stderr) == (0, "")
    assert (astray.returncode, astray.stderr.strip()) == (1, "answered 404")
    assert (nobody.returncode, nobody.stderr[:9]) == (1, "no answer")


def test_the_image_is_built_with_the_tool_and_the_versions_of_the_checkout() -> None:
    version = re.search(r"^UV_VERSION := (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    installs = [text for name, text in instructions() if name == "RUN" and "uv pip install" in text]

    assert version
    assert ("ARG", f"UV_VERSION={version[1]}") in instructions()
    assert len(installs) == 2
    assert all("--only-binary :all: --constraint requirements.lock" in text for text in installs)


def test_whatever_the_image_installs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)

    names = {re.split(r"[^\w.-]", need, maxsplit=1)[0].replace(".", "-") for need in needed}
    assert names - set(locked) == set()


def test_what_is_copied_is_let_in_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [text.split()[:-1] for name, text in instructions() if name == "COPY" and "--from" not in text]

    assert {line[1:] for line in ignored if line.startswith("!")} == {path for paths in copied for path in paths}
    assert next(line for line in ignored if not line.startswith("#")) == "*"


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    ended = run(tool("hadolint"), str(DEPLOY / "Dockerfile"))

    assert (ended.returncode, ended.stdout) == (0, "")


# Compose


@pytest.mark.parametrize("name", ["server", "postgres"])
def test_a_service_is_confined_bounded_and_started_again(name: str) -> None:
    service = read_yaml(DEPLOY / "compose.yaml")["services"][name]

    assert service["read_only"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


def test_the_server_waits_for_a_healthy_database_that_only_it_reaches() -> None:
    compose = read_yaml(DEPLOY / "compose.yaml")
    server, postgres = compose["services"]["server"], compose["services"]["postgres"]

    assert server["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert server["init"]
    assert server["cap_drop"] == ["ALL"]
    assert postgres["networks"] == ["store"]
    assert compose["networks"]["store"] == {"internal": True}
    assert "ports" not in postgres


@pytest.mark.parametrize("missing", [None, *SECRETS])
def test_compose_takes_the_file_with_every_secret_and_refuses_it_without_one(missing: str | None) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    command = (tool("docker-compose"), "--file", str(DEPLOY / "compose.yaml"), "--env-file", "/dev/null")

    ended = run(*command, "config", "--quiet", **given)

    assert (ended.returncode == 0) == (missing is None), ended.stderr
    assert missing is None or f"required variable {missing} is missing" in ended.stderr


def test_the_example_of_variables_has_those_of_the_compose_file() -> None:
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    shown = re.findall(r"^#?([A-Z_]+)=", (DEPLOY / ".env.example").read_text("utf-8"), re.MULTILINE)

    assert used == set(shown)


# The chart


def test_the_chart_is_of_the_program_s_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert read_yaml(CHART / "Chart.yaml")["appVersion"] == project["version"]


@pytest.mark.parametrize(
    ("changes", "is_valid"),
    [
        (VALUES["least"], True),
        (VALUES["all"], True),
        ({}, False),
        ({**VALUES["least"], "replicas": 3}, False),
        ({**VALUES["least"], "settings": {"port": 1}}, False),
        ({**VALUES["least"], "settings": {"maxBodyBytes": 1}}, False),
        ({**VALUES["least"], "ingress": {"enabled": True}}, False),
    ],
)
def test_values_are_checked_before_anything_is_installed(changes: dict[str, Any], is_valid: bool) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    values = read_yaml(CHART / "values.yaml")

    # As Helm merges them: key by key inside of mappings.
    for name, change in changes.items():
        values[name] = {**values[name], **change} if isinstance(values.get(name), dict) else change

    assert jsonschema_rs.is_valid(schema, values) is is_valid


def test_every_value_has_a_schema_and_every_schema_a_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))

    assert set(schema["properties"]) - {"global"} == set(read_yaml(CHART / "values.yaml"))


@pytest.mark.parametrize("template", sorted(path.name for path in (CHART / "templates").iterdir()))
def test_what_a_template_opens_it_ends(template: str) -> None:
    text = (CHART / "templates" / template).read_text("utf-8")
    words = re.findall(r"\{\{-?\s*(if|range|with|define|end)\b", text)

    assert text.count("{{") == text.count("}}")
    assert 2 * words.count("end") == len(words)


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The manifests that Helm makes of the chart."""
    helm: Any = pytest.importorskip("helm_python")
    with helm.Chart.load(str(CHART)) as chart:
        texts: dict[str, str] = chart.render(values, name="links", namespace="default")
    files = [text for name, text in texts.items() if name.endswith(".yaml")]
    return [document for text in files for document in yaml.safe_load_all(text) if document]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_helm_finds_nothing_wrong(values: dict[str, Any]) -> None:
    helm: Any = pytest.importorskip("helm_python")

    report = helm.lint(str(CHART), values, strict=True)

    assert report["errors"] == []
    assert [found["error"] for found in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_kubernetes_knows_every_field(values: dict[str, Any], version: str) -> None:
    kubernetes: Any = pytest.importorskip("kubernetes_validate")

    for manifest in rendered(values):
        kubernetes.validate(manifest, version, strict=True)


@pytest.mark.parametrize(("name", "prefix"), [("least", ""), ("all", "/v1")])
def test_pods_are_probed_where_the_routes_are(name: str, prefix: str) -> None:
    (deployment,) = (each for each in rendered(VALUES[name]) if each["kind"] == "Deployment")
    template = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]

    assert container["livenessProbe"]["httpGet"]["path"] == f"{prefix}/health"
    assert container["readinessProbe"]["httpGet"]["path"] == f"{prefix}/ready"
    assert template["metadata"]["annotations"]["prometheus.io/path"] == f"{prefix}/metrics"


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_pods_are_restricted_and_get_settings_of_ours_only(values: dict[str, Any]) -> None:
    pods = [each["spec"]["template"]["spec"] for each in rendered(values) if each["kind"] in {"Deployment", "Job"}]

    assert [pod["containers"][0]["args"] for pod in pods] == [["serve"], ["migrate"]]
    for pod in pods:
        (container,) = pod["containers"]
        # Else a service named datalinks puts DATALINKS_PORT=tcp://... into the pods of its namespace.
        assert pod["enableServiceLinks"] is False
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"]
        assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == image()["USER"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {variable["name"] for variable in container["env"]} <= SETTINGS
        assert all("value" not in variable or isinstance(variable["value"], str) for variable in container["env"])


# Everything


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.name != ".env" and "pyc" not in path.name]
    + [ROOT / "docs" / "howto" / "deploy.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bDATALINKS_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))

    assert named - SETTINGS == set()


def test_the_linter_of_yaml_has_nothing_to_say() -> None:
    rules = "{extends: default, rules: {line-length: {max: 120}, document-start: disable}}"
    paths = (DEPLOY / "compose.yaml", CHART / "Chart.yaml", CHART / "values.yaml")

    ended = run(tool("yamllint"), "--strict", "--config-data", rules, *map(str, paths))

    assert (ended.returncode, ended.stdout) == (0, "")
