"""How a call is spelled."""

import pytest

from datalinks.client.calls import make_call, path_part
from datalinks.client.queries import ListQuery, Place
from datalinks.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("users", "users"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("ü?", "%C3%BC%3F"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a.b", "a.b"),
    ],
)
def test_a_part_of_a_path_stays_one_part(text: str, spelled: str) -> None:
    assert path_part(text) == spelled


@pytest.mark.parametrize("text", ["", "\ud800"])
def test_what_cannot_be_a_part_of_a_path_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        path_part(text)


def test_a_query_has_what_is_given_and_nothing_else() -> None:
    call = make_call("GET", "/x", Place(table="a b", customer="ü"), ListQuery(limit=5, include_archived=True))

    assert call.target == "/x?dataLinkTableKey=a%20b&userId=%C3%BC&limit=5&includeArchived=true"
    assert make_call("GET", "/x", ListQuery()).target == "/x"


def test_the_name_of_a_call_leaves_the_query_out() -> None:
    assert make_call("GET", "/x", ListQuery(search="someone@example.com")).name == "GET /x"
