"""YAML is read as the reference product's command line reads it, and written so that everybody reads the same."""

import json
import subprocess
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalinks.errors import BadRequest
from datalinks.workspace_files.yaml_reading import MAX_BYTES, MAX_VALUES, read_yaml
from datalinks.workspace_files.yaml_writing import write_yaml
from sdk.process import FOLDER, node_command
from workspace_files.yaml_values import formulas, objects

_READ_WITH_JAVASCRIPT = """
const yaml = require(process.argv[1]);
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map((text) => { try { return {value: yaml.load(text)} } catch { return {} } })));
"""


def read(text: str) -> Any:
    document = read_yaml(text.encode())
    return None if document is None else document.value


def read_with_javascript(texts: list[str]) -> list[Any]:
    """What the library of the reference command line reads: ``{"value": ...}``, or ``{}`` where it refuses."""
    library = str(FOLDER / "node_modules" / "js-yaml" / "index.js")
    done = subprocess.run(
        node_command("--eval", _READ_WITH_JAVASCRIPT, library),
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    # JavaScript has one kind of number.
    return json.loads(done.stdout, parse_int=float)


@given(objects)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_again_to_the_order_of_keys(value: Any) -> None:
    assert json.dumps(read(write_yaml(value))) == json.dumps(value)


@given(formulas)
@settings(max_examples=200, deadline=None)
def test_formulas_stay_formulas(formula: Any) -> None:
    assert json.dumps(read(write_yaml({"config": {"value": formula}}))) == json.dumps({"config": {"value": formula}})


# Keys of more than 1,024 letters are no YAML where they stand in JSON.
@given(objects.filter(lambda value: "x" * 1200 not in json.dumps(value)))
@settings(max_examples=50, deadline=None)
def test_json_is_read_as_yaml(value: Any) -> None:
    assert json.dumps(read(json.dumps(value))) == json.dumps(value)


def test_the_reference_library_reads_what_is_written() -> None:
    written: list[tuple[str, Any]] = []

    @given(objects)
    @settings(max_examples=500, deadline=None, database=None)
    def collect(value: Any) -> None:
        written.append((write_yaml(value), value))

    collect()
    answers = read_with_javascript([text for text, _ in written])

    for (text, value), answer in zip(written, answers, strict=True):
        assert answer == {"value": json.loads(json.dumps(value), parse_int=float)}, text


WORDS = (
    *("no", "on", "Yes", "y", "off", "null", "Null", "~", "true", "TRUE", "False", "nUll"),
    *("012", "0o17", "0x1F", "0b101", "-0x1f", "+5", "-0", "1_000", "1e3", "1.5e-3", "1.", ".5", "5.", "1e400"),
    *("12:30:45", "1.2.3", "0x", "0o8", "08", "0.10", "=", "--", "+", ".", "x y", "a:b", "$.input.x", "a#b"),
)


def test_words_are_what_the_reference_library_makes_of_them() -> None:
    texts = [f"value: {word}" for word in WORDS] + [f"{word}: value" for word in WORDS]

    answers = read_with_javascript(texts)

    assert {text: read(text) for text in texts} == {
        text: answer["value"] for text, answer in zip(texts, answers, strict=True)
    }


def test_a_moment_is_a_text() -> None:
    assert read("a: 2024-01-01\nb: 2024-01-01T10:00:00Z") == {"a": "2024-01-01", "b": "2024-01-01T10:00:00Z"}


def test_integers_beyond_javascript_stay_what_they_are() -> None:
    assert read("a: 9007199254740993\nb: 18446744073709551616") == {"a": 9007199254740993, "b": 18446744073709551616.0}


def test_aliases_and_merges_are_written_out() -> None:
    text = "base: &base {a: 1, b: [2]}\nother:\n  <<: *base\n  b: 3\n  c: *base\n"

    assert read(text) == {"base": {"a": 1, "b": [2]}, "other": {"a": 1, "b": 3, "c": {"a": 1, "b": [2]}}}
    assert read_with_javascript([text]) == [{"value": read(text)}]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "--- \n...\n"])
def test_a_file_that_says_nothing_is_nothing(text: str) -> None:
    assert read_yaml(text.encode()) is None


def test_line_ends_and_a_byte_order_mark_are_read() -> None:
    assert read("\ufeffa: 1\r\nb: {c: 3,\td: 4}\r\n") == {"a": 1, "b": {"c": 3, "d": 4}}


HOSTILE: dict[str, tuple[str | bytes, int, int, str]] = {
    "a key twice": ("a: 1\nb: 2\na: 3\n", 3, 1, "twice, first in line 1"),
    "a key twice in another spelling": ("1: a\n'1': b\n", 2, 1, "twice"),
    "a key twice in JSON": ('{"a": 1,\n "a": 2}', 2, 2, "twice"),
    "a bomb of aliases": (
        "a: &a [xxxxxxxxxx, xxxxxxxxxx]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)),
        7,
        0,
        "Aliases make too much",
    ),
    "a value inside of itself": ("a: &a\n  b: *a\n", 2, 6, "inside of"),
    "an alias of nothing": ("a: *b\n", 1, 4, "nothing above"),
    "depth of lists": ("[" * 5000, 1, 101, "nested deeper"),
    "depth of blocks": ("- " * 5000, 1, 0, "nested deeper"),
    "depth by aliases": (
        f"a: &a {'[' * 60}{']' * 60}\nb: {'[' * 60}*a{']' * 60}\n",
        2,
        0,
        "nested deeper",
    ),
    "a tag of Python": ("a: !!python/object/apply:os.system ['true']\n", 1, 4, "tag"),
    "a tag of JavaScript": ("a: !!js/function 'function () {}'\n", 1, 4, "tag"),
    "a tag of ours": ("a: !include other.yaml\n", 1, 4, "tag"),
    "binary": ("a: !!binary aGk=\n", 1, 4, "tag"),
    "a tag that lies": ("a: !!int no\n", 1, 4, "tag"),
    "an object as a key": ("? {a: 1}\n: b\n", 1, 3, "Keys are texts"),
    "a list as a key": ("? [a]\n: b\n", 1, 3, "Keys are texts"),
    "infinity": ("a: .inf\n", 1, 4, "no value of JSON"),
    "not a number": ("a: .NaN\n", 1, 4, "no value of JSON"),
    "half a character": ('a: "\\ud800"\n', 1, 4, "Half a character"),
    "no character": ('a: "\\UFFFFFFFF"\n', 1, 0, "YAML"),
    "a control character": ("a: x\x01\n", 1, 5, r"U\+0001"),
    "NUL": ("a: x\x00\n", 1, 5, r"U\+0000"),
    "another encoding": ("a: ä\n".encode("latin-1"), 1, 4, "UTF-8"),
    "UTF-16": ("a: b\n".encode("utf-16"), 1, 1, "UTF-8"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, 1, "several documents"),
    "tabs as indentation": ("a:\n\t- b\n", 2, 1, "use spaces"),
    "a tab behind a key": ("a:\tb\n", 1, 3, "use spaces"),
    "an open quote": ('a: "x\n', 0, 0, "not valid YAML"),
    "an open list": ("a: [1, 2\n", 0, 0, "not valid YAML"),
    "bad indentation": ("a: 1\n  b: 2\n", 2, 4, "not valid YAML"),
    "a merge of a text": ("a:\n  <<: b\n", 2, 3, "merged"),
    "an unknown prefix of tags": ("a: !x!y z\n", 1, 4, "not valid YAML"),
    "too many values": ("[" + "1,\n" * (MAX_VALUES + 10) + "]", MAX_VALUES, 0, "more than 50,000"),
    "too large": ("a: " + "x" * MAX_BYTES, 1, 1, "larger than"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_refused_with_their_place(name: str) -> None:
    text, line, column, message = HOSTILE[name]

    with pytest.raises(BadRequest, match=message) as caught:
        read_yaml(text if isinstance(text, bytes) else text.encode())

    if line:
        assert caught.value.data["line"] == line
    if column:
        assert caught.value.data["column"] == column


def test_nothing_but_a_refusal_comes_of_any_text() -> None:
    @given(st.text(alphabet="a:-?[]{}&*!|>'\"%@` \n\t#,.1<\\u0xD8", max_size=40))
    @settings(max_examples=500, deadline=None)
    def check(text: str) -> None:
        with suppress(BadRequest):
            read_yaml(text.encode())

    check()


def test_texts_are_written_as_they_are_read_best() -> None:
    value: dict[str, Any] = {
        "name": "Kontakte & Übrige",
        "$var": "$.input.a-b.c",
        "uri": "/webhooks/on-create",
        "description": "People: on both sides",
        "code": "export default () => {\n  return 1\n}\n",
        "open": "a\nb",
        "yes": "no",
        "empty": [{}, [], "", None],
        "rows": [[1, 2.5], {"a": True, "b": False}],
    }

    assert write_yaml(value) == (
        "name: Kontakte & Übrige\n"
        "$var: $.input.a-b.c\n"
        "uri: /webhooks/on-create\n"
        "description: 'People: on both sides'\n"
        "code: |\n  export default () => {\n    return 1\n  }\n"
        "open: |-\n  a\n  b\n"
        "'yes': 'no'\n"
        "empty:\n  - {}\n  - []\n  - ''\n  - null\n"
        "rows:\n  - - 1\n    - 2.5\n  - a: true\n    b: false\n"
    )
