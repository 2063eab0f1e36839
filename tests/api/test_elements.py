"""What tables, integrations and customers have in common, and how they differ."""

import pytest

from support.app import App

ELEMENTS = [("/data-link-tables", "/data-link-table"), ("/integrations", "/integration"), ("/flows", "/flow")]


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_an_element_is_found_by_id_key_and_uuid_in_path_and_query(app: App, plural: str, singular: str) -> None:
    made = await app.admin.post(plural, {"name": "Größe der Kontakte"}, status=201)

    assert made["key"] == "größe-der-kontakte"
    for name in ("id", "key", "uuid"):
        assert await app.admin.get(f"{plural}/{made[name]}") == made
        assert await app.admin.get(f"{singular}?{name}={made[name]}") == made


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_a_name_that_is_taken_gets_the_next_free_key(app: App, plural: str, singular: str) -> None:
    keys = [(await app.admin.post(plural, {"name": "Contacts"}))["key"] for _ in range(3)]

    assert keys == ["contacts", "contacts-2", "contacts-3"]


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_a_key_that_is_taken_is_refused_until_its_owner_is_archived(app: App, plural: str, singular: str) -> None:
    first = await app.admin.post(plural, {"key": "contacts"})

    refused = await app.admin.post(plural, {"key": "contacts"}, status=409)
    assert refused["key"] == "already_exists"
    await app.admin.delete(f"{plural}/contacts")
    second = await app.admin.post(plural, {"key": "contacts"}, status=201)

    assert (await app.admin.get(f"{plural}/contacts"))["id"] == second["id"], "the live one has the key"
    await app.admin.post(f"{plural}/{first['id']}/restore", status=409)


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_put_empties_what_it_leaves_out_and_patch_leaves_it(app: App, plural: str, singular: str) -> None:
    made = await app.admin.post(plural, {"key": "k", "name": "N", "description": "D", "meta": {"a": [1, None]}})

    patched = await app.admin.patch(f"{plural}/k", {"name": "M"})
    put = await app.admin.put(f"{plural}/k", {"name": "O"})

    assert (patched["name"], patched["description"], patched["meta"]) == ("M", "D", {"a": [1, None]})
    assert (put["name"], put["key"], put["uuid"]) == ("O", "k", made["uuid"])
    assert "description" not in put
    assert "meta" not in put
    assert len({made["revision"], patched["revision"], put["revision"]}) == 3


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_a_whole_fetched_element_can_be_put_back(app: App, plural: str, singular: str) -> None:
    made = await app.admin.post(plural, {"key": "k", "description": "D"})

    put = await app.admin.put(f"{plural}/k", {**made, "id": "f" * 24, "state": "BUILDING", "foreign": 1})

    volatile = ("revision", "updatedAt")
    assert {k: v for k, v in put.items() if k not in volatile} == {k: v for k, v in made.items() if k not in volatile}


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_archiving_hides_and_keeps_and_restoring_brings_back(app: App, plural: str, singular: str) -> None:
    made = await app.admin.post(plural, {"key": "k"})

    await app.admin.delete(f"{singular}?key=k")
    archived = await app.admin.get(f"{plural}/{made['id']}")
    assert archived["isDeactivated"]
    assert "archivedAt" in archived
    assert (await app.admin.get(plural))["items"] == []
    assert [each["id"] for each in (await app.admin.get(f"{plural}?includeArchived=true"))["items"]] == [made["id"]]
    await app.admin.patch(f"{plural}/k", {"name": "no"}, status=400)

    restored = await app.admin.post(f"{singular}/restore?key=k")
    assert "archivedAt" not in restored
    assert len((await app.admin.get(plural))["items"]) == 1


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_pages_are_full_newest_first_and_end_without_a_cursor(app: App, plural: str, singular: str) -> None:
    made = [(await app.admin.post(plural, {"key": f"k{number}"}))["id"] for number in range(5)]

    first = await app.admin.get(f"{plural}?limit=2&cursor=0")
    second = await app.admin.get(f"{plural}?limit=2&cursor={first['cursor']}")
    third = await app.admin.get(f"{plural}?limit=2&cursor={second['cursor']}")

    pages = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]
    assert "cursor" not in third


@pytest.mark.parametrize(("plural", "singular"), ELEMENTS)
async def test_search_looks_into_name_and_key_without_case_and_takes_signs_as_they_are(
    app: App, plural: str, singular: str
) -> None:
    await app.admin.post(plural, {"key": "straße", "name": "ÄPFEL 100%"})
    await app.admin.post(plural, {"key": "other", "name": "1000"})

    async def found(search: str) -> int:
        return len((await app.admin.get(plural, params={"search": search}))["items"])

    assert [await found(text) for text in ("äpfel", "STRASSE", "100%", "10_0", "nothing", "")] == [1, 1, 1, 0, 0, 2]


async def test_a_table_can_be_archived_and_restored_by_its_body(app: App) -> None:
    await app.admin.post("/data-link-tables", {"key": "k"})

    archived = await app.admin.patch("/data-link-tables/k", {"archivedAt": "2026-01-01T00:00:00+01:00"})
    restored = await app.admin.put("/data-link-tables/k", {"archivedAt": None})

    assert archived["archivedAt"] == "2025-12-31T23:00:00Z"
    assert "archivedAt" not in restored


async def test_customers_read_tables_and_do_not_write_them(app: App) -> None:
    await app.admin.post("/data-link-tables", {"key": "k"})
    customer = app.customer("acme")

    assert (await customer.get("/data-link-tables/k"))["key"] == "k"
    for method, path in [("POST", "s"), ("PUT", "s/k"), ("PATCH", "s/k"), ("DELETE", "s/k"), ("POST", "s/k/restore")]:
        refused = await customer.call(method, f"/data-link-table{path}", status=403, json={"key": "x"})
        assert refused["key"] == "access_denied"


async def test_an_exported_table_can_be_created_in_another_workspace(app: App) -> None:
    made = await app.admin.post("/data-link-tables", {"key": "k", "description": "D", "meta": {"b": 1, "a": 2}})
    exported = await app.admin.get("/data-link-tables/k/export")
    other = await app.other_workspace("Other")

    copied = await other.post("/data-link-tables", exported, status=201)

    assert exported == {name: made[name] for name in ("uuid", "key", "name", "description", "meta")}
    assert list(copied["meta"]) == ["b", "a"], "the order of keys is kept"
    assert await other.get("/data-link-tables/k/export") == exported


async def test_a_customer_comes_into_being_with_its_first_token_and_follows_its_later_ones(app: App) -> None:
    first = await app.customer("acme", name="Acme", fields={"plan": "free"}).get("/self")
    second = await app.customer("acme", name="Acme Inc", fields={"plan": "pro"}).get("/self")
    third = await app.customer("acme").get("/self")

    assert first["internalId"] == "acme"
    assert first["workspaceKey"] == app.key
    assert (second["id"], second["name"], second["fields"]) == (first["id"], "Acme Inc", {"plan": "pro"})
    assert third["name"] == "Acme Inc"
    assert (await app.admin.get("/customers/acme"))["id"] == first["id"]


async def test_an_archived_customer_is_refused_until_it_is_restored(app: App) -> None:
    await app.customer("acme").get("/self")

    await app.admin.delete("/customers/acme")
    refused = await app.customer("acme").get("/self", status=403)
    await app.admin.post("/customers/acme/restore")

    assert "archived" in refused["message"]
    assert (await app.customer("acme").get("/self"))["internalId"] == "acme"


async def test_customers_are_listed_by_what_is_known_of_them(app: App) -> None:
    await app.customer("seen").get("/self")
    await app.admin.post("/customers", {"name": "Test", "internalId": "unseen", "isTest": True})

    async def ids(query: str) -> list[str]:
        return [each["internalId"] for each in (await app.admin.get(f"/customers?{query}"))["items"]]

    assert await ids("") == ["unseen", "seen"]
    assert await ids("isActive=true") == ["seen"]
    assert await ids("isActive=false") == ["unseen"]
    assert await ids("isTest=yes") == ["unseen"]
    assert await ids("search=UNS") == ["unseen"]


async def test_a_customer_without_an_internal_id_is_known_by_its_own(app: App) -> None:
    made = await app.admin.post("/customers", {"name": "Acme"}, status=201)

    assert made["internalId"] == made["id"]


async def test_credentials_are_for_admins_who_ask(app: App) -> None:
    await app.customer("acme").patch("/self", {"credentials": {"token": "t-1"}})

    assert "credentials" not in await app.customer("acme").get("/self")
    assert "credentials" not in await app.admin.get("/customers/acme")
    assert (await app.admin.get("/customers/acme?includeSecrets=true"))["credentials"] == {"token": "t-1"}


async def test_an_admin_token_sees_its_workspace_as_itself(app: App) -> None:
    assert (await app.admin.get("/self")) == {
        "id": (await app.admin.get("/org-workspace-id"))["id"],
        "name": "Test",
        "internalId": app.key,
        "isAdmin": True,
        "workspaceKey": app.key,
    }
