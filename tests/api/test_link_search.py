"""Links found by a record id or its beginning: in one instance, in all of them, and exported."""

from typing import Any

import pytest

from datalinks.model.link_search import Match, matching
from support.app import App
from support.bulk import TABLE, Place, place, rows

LAST = "\U0010ffff"


def pairs(links: list[Any]) -> list[tuple[str, str, str]]:
    """What links link, in their order."""
    return [(each["appRecordId"], each["externalRecordId"], each["direction"]) for each in links]


async def everything(api: Any, path: str, **query: Any) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    cursor = "0"
    while cursor:
        page = await api.get(path, params={**query, "cursor": cursor})
        assert page["items"]
        assert len(page["items"]) <= query.get("limit", 1000)
        items += page["items"]
        cursor = page.get("cursor")
    return items


async def filled(app: App) -> Place:
    """An instance in which records of both sides begin with ``u-1``."""
    here = await place(app)
    await here.write("u-10", "9", "import")
    await here.write("u-1", "u-2")
    await here.write("u-1", "u-1")
    await here.write("x", "u-11", "export")
    await here.write("a", "u-1")
    await here.write("u-2", "7")
    return here


FOUND = [
    ("u-1", "u-1", "import"),
    ("u-1", "u-1", "export"),
    ("u-1", "u-2", "import"),
    ("u-1", "u-2", "export"),
    ("u-10", "9", "import"),
    ("a", "u-1", "import"),
    ("a", "u-1", "export"),
    ("x", "u-11", "export"),
]


async def test_a_search_finds_what_begins_with_it_on_the_app_side_and_then_on_the_external_side_only(app: App) -> None:
    here = await filled(app)

    assert pairs(await here.found(search="u-1")) == FOUND
    assert await here.found(search="u-3") == []


@pytest.mark.parametrize("direction", ["import", "export", "both"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_a_search_are_all_of_it(app: App, limit: int, direction: str) -> None:
    here = await filled(app)

    found = await everything(here.api, here.path, **here.where, search="u-1", limit=limit, direction=direction)

    assert pairs(found) == [each for each in FOUND if direction in ("both", each[2])]


async def test_the_next_page_is_there_although_the_links_of_the_last_are_gone(app: App) -> None:
    here = await filled(app)
    first = await here.api.get(here.path, params={**here.where, "search": "u-1", "limit": 3})
    for link in first["items"]:
        await here.api.delete(f"/data-links/{link['id']}")

    second = await here.api.get(here.path, params={**here.where, "search": "u-1", "cursor": first["cursor"]})

    assert pairs(second["items"]) == FOUND[3:]


async def test_a_search_that_shows_little_of_much_answers_short_pages_that_lead_on(app: App) -> None:
    here = await place(app)
    await here.load(rows(*((f"u-{number:05}", f"u-{number:05}") for number in range(12_000))), direction="import")
    await here.write("u-2", "9", "export")
    await here.write("x", "u-2")
    query = {**here.where, "search": "u", "direction": "export"}

    pages = [await here.api.get(here.path, params=query)]
    while "cursor" in pages[-1]:
        pages.append(await here.api.get(here.path, params={**query, "cursor": pages[-1]["cursor"]}))

    assert pages[0]["items"] == []
    assert pairs([link for page in pages for link in page["items"]]) == [("u-2", "9", "export"), ("x", "u-2", "export")]
    assert len(pages) == 3


async def test_every_route_of_links_searches(app: App) -> None:
    here = await filled(app)
    id = (await here.api.get("/data-link-table-instances"))["items"][0]["id"]
    where = {**here.where, "dataLinkTableKey": TABLE, "search": "u-1"}

    for path, query in (
        ("/data-link-table-instance/links", where),
        (f"/data-link-table-instances/{id}/links", {"search": "u-1"}),
        (f"/data-link-tables/{id}/links", {"search": "u-1"}),
        ("/data-links", {"dataLinkTableInstanceId": id, "search": "u-1"}),
    ):
        assert pairs((await here.api.get(path, params=query))["items"]) == FOUND, path


async def test_an_export_holds_what_the_search_finds(app: App) -> None:
    here = await filled(app)

    _, *rows = (await here.export(search="u-1", direction="import")).text.splitlines()

    assert [tuple(row.split(",")[:3]) for row in rows] == [each for each in FOUND if each[2] == "import"]


@pytest.mark.parametrize("side", ["appRecordId", "externalRecordId"])
async def test_a_search_and_a_record_id_are_refused_together(app: App, side: str) -> None:
    here = await place(app)

    answer = await here.api.get(here.path, params={**here.where, "search": "u", side: "u-1"}, status=400)

    assert answer["data"]["path"] == "$.search"


async def test_a_search_refuses_what_no_record_id_begins_with_and_cursors_of_other_lists(app: App) -> None:
    here = await filled(app)
    listed = await here.api.get(here.path, params={**here.where, "limit": 1})
    searched = await here.api.get(here.path, params={**here.where, "search": "u-1", "limit": 1})

    for query in (
        {"search": "x" * 513},
        {"search": "a\0b"},
        {"search": "u-1", "cursor": listed["cursor"]},
        {"search": "u-1", "cursor": searched["cursor"] + "A"},
        {"search": "u-2", "cursor": searched["cursor"]},
        {"search": "u-1", "cursor": "ai00000001"},
        {"search": "u-1", "cursor": "é"},
        {"cursor": searched["cursor"]},
    ):
        await here.api.get(here.path, params={**here.where, **query}, status=400)
    await here.api.get(f"{here.path}/export", params={**here.where, "search": "x" * 513}, status=400)


LETTERS = ["a", "a\x01", "ab", "a\x7f", "a\x80", "é", "a%", "a_", "A", LAST, "a" + LAST, LAST + LAST, "a" + LAST + "b"]
BORDERS = ["\ud7ff", "\ud7ffx", "\ue000", "\uffff", "\U00010000", "a\ud7ff", "a\ue000", "a\uffff", "a\U00010000"]


async def test_a_search_is_right_for_every_letter(app: App) -> None:
    here = await place(app)
    ids = LETTERS + BORDERS
    await here.batch(
        [{"op": "create", "appRecordId": id, "externalRecordId": "-", "direction": "import"} for id in ids]
    )
    for text in ids:
        found = [each["appRecordId"] for each in await here.found(search=text)]

        assert found == sorted((id for id in ids if id.startswith(text)), key=str.encode), ascii(text)


@pytest.mark.parametrize("text", LETTERS + BORDERS)
def test_what_matches_is_what_begins_with_a_text_or_is_it(text: str) -> None:
    prefix, exact = matching(text, Match.PREFIX, "$"), matching(text, Match.EXACT, "$")

    for id in LETTERS + BORDERS:
        assert (id in prefix) == id.startswith(text)
        assert (id in exact) == (id == text)
    assert prefix.end is None or prefix.end.encode() > text.encode()


async def worlds(app: App) -> tuple[Place, Place]:
    """Two customers whose instances have links of one record."""
    here, other = await place(app), await place(app, "globex", "erp")
    second = Place(here.api, {**here.where, "instanceKey": "second"})
    await here.write("u-1", "1", "import")
    await other.write("2", "u-1", "export")
    await second.write("u-1", "u-1", "import")
    await second.write("u-12", "3", "import")
    return here, other


async def test_a_record_is_found_on_either_side_in_every_instance(app: App) -> None:
    await worlds(app)

    found = await everything(app.admin, "/data-links/search", recordId="u-1")

    assert [(each["side"], *pairs([each["link"]])[0]) for each in found] == [
        ("app", "u-1", "1", "import"),
        ("both", "u-1", "u-1", "import"),
        ("external", "2", "u-1", "export"),
    ]


async def test_what_is_found_says_what_it_hangs_on(app: App) -> None:
    here, _ = await worlds(app)
    table = (await app.admin.get(f"/data-link-tables/{TABLE}"))["id"]
    connection = (await here.api.get("/connections"))["items"][0]

    _, found = (await here.api.get("/data-links/search", params={"recordId": "u-1"}))["items"]

    link = found.pop("link")
    assert link == (await here.api.get("/data-links", params=links_of(link)))["items"][1]
    assert found == {
        "side": "both",
        "dataLinkTableInstance": {"id": link["dataLinkTableInstanceId"], "instanceKey": "second"},
        "dataLinkTable": {"id": table, "key": TABLE, "name": TABLE},
        "connection": {"id": connection["id"], "name": connection["name"]},
        "customer": {"id": connection["userId"], "internalId": "acme", "name": "acme"},
        "integration": {"id": connection["integrationId"], "key": "crm", "name": "crm", "logoUri": ""},
    }


def links_of(link: Any) -> dict[str, str]:
    """The query for all links of a link's instance."""
    return {"dataLinkTableInstanceId": link["dataLinkTableInstanceId"]}


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_prefix_finds_what_begins_with_it_page_by_page(app: App, limit: int) -> None:
    await worlds(app)

    found = await everything(app.admin, "/data-links/search", recordId="u", match="prefix", limit=limit)

    assert [pairs([each["link"]])[0][:2] for each in found] == [
        *[("u-1", "1"), ("u-1", "u-1"), ("u-12", "3"), ("2", "u-1")],
    ]


async def test_customers_and_other_workspaces_find_their_own_links_only(app: App) -> None:
    here, other = await worlds(app)
    stranger = await app.other_workspace("Other")
    asked = {"recordId": "u-1"}

    assert len((await here.api.get("/data-links/search", params=asked))["items"]) == 2
    assert len((await other.api.get("/data-links/search", params=asked))["items"]) == 1
    assert (await stranger.get("/data-links/search", params=asked)) == {"items": []}


@pytest.mark.parametrize("archived", ["/customers/acme", "/integrations/crm", f"/data-link-tables/{TABLE}"])
async def test_links_that_are_hidden_are_not_found(app: App, archived: str) -> None:
    await worlds(app)

    await app.admin.delete(archived)

    assert (await app.admin.get("/data-links/search", params={"recordId": "1"})) == {"items": []}


@pytest.mark.parametrize(
    "query", [{}, {"recordId": "x" * 513}, {"recordId": "a\0"}, {"recordId": "a", "match": "like"}]
)
async def test_a_record_that_cannot_be_is_refused(app: App, query: dict[str, str]) -> None:
    await app.admin.get("/data-links/search", params=query, status=400)
