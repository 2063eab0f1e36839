"""The loader of named SQL."""

from pathlib import Path

import pytest

from datalinks.store.queries import load_queries, parse

BLOCK = """
-- name: find_thing :many
-- Says what it promises.
SELECT id
FROM things
WHERE 1 = 1
  AND a = :a -- when :a
  AND b = :b -- when :b
  AND c COLLATE "C" = :c -- postgres
  AND c = :c -- sqlite
"""


def test_a_line_is_there_only_when_its_value_is_given() -> None:
    (query,) = parse(BLOCK)

    assert "a = :a" not in query.text("sqlite", {"a": None, "b": 1})
    assert "b = :b" in query.text("sqlite", {"a": None, "b": 1})
    assert "a = :a" in query.text("sqlite", {"a": 0})


def test_a_line_of_the_other_engine_is_left_out() -> None:
    (query,) = parse(BLOCK)

    assert "COLLATE" not in query.text("sqlite", {})
    assert 'c COLLATE "C" = :c' in query.text("postgres", {})
    assert "-- " not in query.text("postgres", {"a": 1, "b": 1})


def test_a_block_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="without a name"):
        parse("SELECT 1")


def test_a_name_line_of_a_wrong_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not a name line"):
        parse("-- name: find things\nSELECT 1")


def test_every_query_says_what_it_promises_or_is_named_by_its_only_statement() -> None:
    queries = load_queries()

    assert len(queries) > 20
    assert all(query.lines for query in queries.values())
    assert all(query.comment for query in queries.values() if query.returns == "many")


def test_every_query_is_called_and_every_call_has_a_query() -> None:
    source = "".join(path.read_text() for path in Path("src/datalinks/store").glob("*.py"))

    assert all(f'"{name}"' in source for name in load_queries())
