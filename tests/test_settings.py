"""Settings from the command line, the environment and a file."""

from dataclasses import fields
from pathlib import Path

import pytest

from datalinks.errors import InvalidSettings
from datalinks.settings import Settings, load_settings


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('host = "file"\nport = 1\nlog_level = "debug"\n')
    environ = {"DATALINKS_CONFIG": str(file), "DATALINKS_HOST": "environment", "DATALINKS_PORT": "2", "PATH": "/bin"}

    loaded = load_settings(environ, {"port": 3, "database": None})

    assert (loaded.log_level, loaded.host, loaded.port) == ("debug", "environment", 3)
    assert loaded.database == Settings().database


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DATALINKS_PORTT": "1"}, "no setting DATALINKS_PORTT"),
        ({"DATALINKS_PORT": "eighty"}, "port"),
        ({"DATALINKS_CONFIG": "/nowhere.toml"}, "Cannot read"),
        ({"DATALINKS_PORT": "70000"}, "port"),
        ({"DATALINKS_BODY_TIMEOUT_SECONDS": "nan"}, "body_timeout_seconds"),
        ({"DATALINKS_BODY_TIMEOUT_SECONDS": "0"}, "body_timeout_seconds"),
        ({"DATALINKS_TOKEN_CACHE_SIZE": "-1"}, "token_cache_size"),
    ],
)
def test_what_cannot_be_a_setting_is_refused(environ: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidSettings, match=message):
        load_settings(environ)


def test_an_empty_variable_is_not_given_and_other_programs_variables_are_left_alone() -> None:
    environ = {"DATALINKS_PORT": "", "DATALINKS_URL": "http://x", "DATALINKS_WORKSPACE_SECRET": "s"}

    assert load_settings(environ) == Settings()


@pytest.mark.parametrize(("text", "message"), [("port = ", "not TOML"), ("portt = 1", "no setting portt")])
def test_a_file_with_mistakes_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)

    with pytest.raises(InvalidSettings, match=message):
        load_settings({"DATALINKS_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("database", "path"), [("sqlite:///a/b.db", "a/b.db"), ("sqlite:////var/lib/b.db", "/var/lib/b.db")]
)
def test_a_database_names_its_file(database: str, path: str) -> None:
    assert Settings(database=database).sqlite_path == Path(path)


@pytest.mark.parametrize("database", ["", "sqlite:///", "mysql://user:password@host/db", "b.db"])
def test_another_database_is_refused_without_its_password(database: str) -> None:
    with pytest.raises(InvalidSettings, match="use sqlite:///") as caught:
        _ = Settings(database=database).sqlite_path

    assert "password" not in str(caught.value)


def test_secrets_do_not_show() -> None:
    assert "c2VjcmV0" not in repr(Settings(encryption_key="c2VjcmV0"))


@pytest.mark.parametrize(("given", "prefix"), [("api", "/api"), ("/v1/", "/v1"), ("/", ""), ("", "")])
def test_a_prefix_begins_with_a_slash_and_ends_without(given: str, prefix: str) -> None:
    assert load_settings({"DATALINKS_API_PREFIX": given}).api_prefix == prefix


def test_every_setting_is_described() -> None:
    reference = Path("docs/reference/settings.md").read_text()

    for field in fields(Settings):
        assert field.name in (Settings.__doc__ or "")
        assert f"DATALINKS_{field.name.upper()}" in reference
