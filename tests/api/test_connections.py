"""Connections, and how selectors find the one that is meant."""

import asyncio
from typing import Any

import pytest

from support.app import Api, App


async def crm(app: App, key: str = "crm") -> str:
    made = await app.admin.post("/integrations", {"key": key, "parameters": {"clientSecret": "x"}})
    return made["id"]


async def test_a_connection_is_found_by_id_key_and_integration(app: App) -> None:
    integration_id = await crm(app)
    customer = app.customer("acme")
    made = await customer.post("/connections", {"integrationKey": "crm", "key": "main"}, status=201)

    for selector in (made["id"], "main", "crm", integration_id):
        assert (await customer.get(f"/connections/{selector}"))["id"] == made["id"]
    assert made["userId"] == made["tenantId"] == (await customer.get("/self"))["id"]
    assert made["user"]["internalId"] == "acme"
    assert made["integration"]["key"] == "crm"


async def test_several_connections_are_never_guessed_between(app: App) -> None:
    await crm(app)
    customer = app.customer("acme")
    ids = {(await customer.post("/connections", {"integrationKey": "crm"}))["id"] for _ in range(2)}

    refused = await customer.get("/connections/crm", status=400)

    assert set(refused["data"]["connectionIds"]) == ids
    await app.admin.post("/data-link-tables", {"key": "t"})
    links = "/data-link-table-instance/links?dataLinkTableKey=t"
    await customer.post(f"{links}&integrationKey=crm", {"appRecordId": "1", "externalRecordId": "2"}, status=400)
    assert (await customer.get("/data-link-table-instances"))["items"] == [], "nothing went to a guessed place"


async def test_an_admin_names_the_customer_by_id_or_internal_id(app: App) -> None:
    await crm(app)
    made = {name: await app.customer(name).post("/connections", {"integrationKey": "crm"}) for name in ("a", "b")}

    await app.admin.get("/connections/crm", status=400)
    for user in ("b", made["b"]["userId"]):
        for parameter in ("userId", "tenantId"):
            assert (await app.admin.get(f"/connections/crm?{parameter}={user}"))["id"] == made["b"]["id"]
    assert len((await app.admin.get("/connections"))["items"]) == 2
    assert [each["id"] for each in (await app.admin.get("/connections?userId=a"))["items"]] == [made["a"]["id"]]


async def test_an_admin_creates_a_connection_for_a_customer(app: App) -> None:
    await crm(app)
    await app.customer("acme").get("/self")

    await app.admin.post("/connections", {"integrationKey": "crm"}, status=400)
    made = await app.admin.post("/connections?userId=acme", {"integrationKey": "crm"}, status=201)

    assert [each["id"] for each in (await app.customer("acme").get("/connections"))["items"]] == [made["id"]]


async def test_a_customer_names_nobody_but_itself(app: App) -> None:
    await crm(app)
    await app.customer("b").get("/self")

    await app.customer("a").post("/connections?userId=a", {"integrationKey": "crm"}, status=201)
    await app.customer("a").post("/connections?userId=b", {"integrationKey": "crm"}, status=404)
    await app.customer("a").get("/connections?userId=b", status=404)


async def test_secrets_are_encrypted_and_for_admins_who_ask(app: App) -> None:
    await crm(app)
    secrets = {"credentials": {"access": "s3cr3t-1"}, "connectorParameters": {"host": "s3cr3t-2"}}
    made = await app.customer("acme").post("/connections", {"integrationKey": "crm", **secrets})

    assert "s3cr3t" not in str(made)
    assert "s3cr3t" not in str(await app.admin.get(f"/connections/{made['id']}?includeSecrets=false"))
    await app.customer("acme").get(f"/connections/{made['id']}?includeSecrets=true", status=403)
    shown = await app.admin.get(f"/connections/{made['id']}?includeSecrets=true")
    assert {name: shown[name] for name in secrets} == secrets


async def test_secrets_stay_unless_they_are_replaced_or_taken_away(app: App) -> None:
    await crm(app)
    body: dict[str, Any] = {"integrationKey": "crm", "credentials": {"a": 1}, "input": {"b": 2}}
    id = (await app.customer("acme").post("/connections", body))["id"]

    async def secrets() -> dict[str, Any]:
        shown = await app.admin.get(f"/connections/{id}?includeSecrets=true")
        return {name: shown[name] for name in ("credentials", "input") if name in shown}

    await app.admin.put(f"/connections/{id}", {"name": "N"})
    assert await secrets() == {"credentials": {"a": 1}, "input": {"b": 2}}
    await app.admin.patch(f"/connections/{id}", {"credentials": {"a": 3}})
    assert await secrets() == {"credentials": {"a": 3}, "input": {"b": 2}}
    await app.admin.patch(f"/connections/{id}", {"credentials": None, "input": None})
    assert await secrets() == {}


async def test_disconnecting_marks_and_keeps(app: App) -> None:
    await crm(app)
    customer = app.customer("acme")
    made = await customer.post("/connections", {"integrationKey": "crm"})

    await customer.post("/integrations/crm/disconnect")

    assert (await customer.get(f"/connections/{made['id']}"))["disconnected"] is True
    assert (await customer.get("/connections?connected=true"))["items"] == []
    assert len((await customer.get("/connections?disconnected=true"))["items"]) == 1
    again = await customer.patch(f"/connections/{made['id']}", {"disconnected": False})
    assert again["connected"] is True


async def test_an_integration_shows_a_customer_its_own_connection_and_no_parameters(app: App) -> None:
    await crm(app)
    await app.customer("other").post("/connections", {"integrationKey": "crm"})
    made = await app.customer("acme").post("/connections", {"integrationKey": "crm"})

    seen = await app.customer("acme").get("/integrations/crm")

    assert seen["connection"]["id"] == made["id"]
    assert "parameters" not in seen
    assert (await app.admin.get("/integrations/crm"))["parameters"] == {"clientSecret": "x"}
    assert "connection" not in (await app.customer("third").get("/integrations/crm"))


@pytest.mark.parametrize("what", ["/connections/{id}", "/integrations/crm", "/customers/acme"])
async def test_an_archived_connection_hides_its_instances_and_links(app: App, what: str) -> None:
    await crm(app)
    await app.admin.post("/data-link-tables", {"key": "t"})
    made = await app.customer("acme").post("/connections", {"integrationKey": "crm"})
    links = f"/data-link-table-instance/links?dataLinkTableKey=t&connectionId={made['id']}"
    await app.admin.post(links, {"appRecordId": "1", "externalRecordId": "2"})
    path = what.format(id=made["id"])

    await app.admin.delete(path)
    assert "archived" in (await app.admin.get(links, status=404))["message"]
    assert (await app.admin.get("/data-link-table-instances"))["items"] == []
    await app.admin.post(f"{path}/restore")

    assert len((await app.admin.get(links))["items"]) == 2


async def test_ensuring_finds_or_makes_one_connection(app: App) -> None:
    customer = app.customer("acme", isAdmin=True)

    made = await asyncio.gather(
        *(customer.post("/connections/ensure", {"appUrl": "https://app.com/x"}) for _ in range(20))
    )

    assert len({each["id"] for each in made}) == 1
    assert [each["key"] for each in (await app.admin.get("/integrations"))["items"]] == ["app-com"]
    theirs = await app.customer("other").post("/connections/ensure", {"appUrl": "app.com"})
    assert theirs["integration"]["key"] == "app-com"
    await app.customer("other").post("/connections/ensure", {"appUrl": "unknown.example"}, status=404)


async def test_an_instance_is_made_once_whoever_asks(app: App) -> None:
    await crm(app)
    await app.admin.post("/data-link-tables", {"key": "t"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm"})
    query = "dataLinkTableKey=t&integrationKey=crm"

    await customer.get(f"/data-link-table-instance?{query}", status=404)
    made = await asyncio.gather(
        *(customer.get(f"/data-link-table-instance?{query}&autoCreate=true") for _ in range(50))
    )

    assert len({each["id"] for each in made}) == 1
    assert made[0]["dataLinkTable"]["key"] == "t"
    other = await customer.post(f"/data-link-table-instance?{query}&instanceKey=second", status=201)
    assert other["id"] != made[0]["id"]
    assert other["instanceKey"] == "second"


async def test_an_archived_instance_is_kept_hidden_until_it_is_restored_or_created(app: App) -> None:
    await crm(app)
    await app.admin.post("/data-link-tables", {"key": "t"})
    customer: Api = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm"})
    query = "dataLinkTableKey=t&integrationKey=crm"
    body = {"appRecordId": "1", "externalRecordId": "2"}
    await customer.post(f"/data-link-table-instance/links?{query}", body)

    await customer.delete(f"/data-link-table-instance?{query}")
    assert "archivedAt" in await customer.get(f"/data-link-table-instance?{query}&autoCreate=true")
    await customer.get(f"/data-link-table-instance/links?{query}&autoCreate=true", status=404)
    await customer.post(f"/data-link-table-instance/links?{query}", body, status=404)
    await customer.post(f"/data-link-table-instance?{query}")

    assert len((await customer.get(f"/data-link-table-instance/links?{query}"))["items"]) == 2


async def test_tables_on_the_connection_layer_are_their_instances(app: App) -> None:
    await crm(app)
    table = await app.admin.post("/data-link-tables", {"key": "t"})
    customer = app.customer("acme")
    connection = await customer.post("/connections", {"integrationKey": "crm"})

    instance = await customer.get(f"/data-link-tables/t?connectionId={connection['id']}")

    assert instance["dataLinkTableId"] == table["id"]
    assert (await customer.get("/data-link-tables"))["items"][0]["id"] == table["id"]
    for query in ("layer=connection", f"connectionId={connection['id']}", f"dataLinkTableId={table['id']}"):
        assert [each["id"] for each in (await customer.get(f"/data-link-tables?{query}"))["items"]] == [instance["id"]]
    assert (await customer.get(f"/data-link-tables/{instance['id']}"))["id"] == instance["id"]
    await customer.call(
        "POST", f"/data-link-tables/{instance['id']}/links", status=204, json={"appRecordId": 1, "externalRecordId": 2}
    )
    assert len((await customer.get(f"/data-links?dataLinkTableInstanceId={instance['id']}"))["items"]) == 2
    assert len((await customer.get(f"/data-link-table-instances/{instance['id']}/links"))["items"]) == 2
    await customer.get("/data-link-tables?layer=integration", status=400)


async def test_a_live_connection_is_found_however_many_archived_ones_are_newer(app: App) -> None:
    await crm(app)
    customer = app.customer("acme")
    live = await customer.post("/connections", {"integrationKey": "crm"})
    for _ in range(12):
        made = await customer.post("/connections", {"integrationKey": "crm"})
        await customer.delete(f"/connections/{made['id']}")

    assert (await customer.get("/connections/crm"))["id"] == live["id"]
    second = await customer.post("/connections", {"integrationKey": "crm"})
    refused = await customer.delete("/connections/crm", status=400)
    assert set(refused["data"]["connectionIds"]) == {live["id"], second["id"]}


async def test_a_key_that_many_customers_use_is_looked_up_within_the_integration(app: App) -> None:
    await crm(app)
    await crm(app, "other")
    await app.admin.post("/data-link-tables", {"key": "t"})
    wanted = await app.customer("first").post("/connections", {"integrationKey": "crm", "key": "main"})
    for number in range(12):
        await app.customer(f"c{number}").post("/connections", {"integrationKey": "other", "key": "main"})

    query = "dataLinkTableKey=t&connectionKey=main&integrationKey=crm&autoCreate=true"
    assert (await app.admin.get(f"/data-link-table-instance?{query}"))["connectionId"] == wanted["id"]
    mismatch = f"dataLinkTableKey=t&connectionId={wanted['id']}&integrationKey=other"
    refused = await app.admin.get(f"/data-link-table-instance?{mismatch}", status=404)
    assert "of the integration 'other'" in refused["message"]


async def test_disconnecting_reaches_every_connection(app: App) -> None:
    await crm(app)
    customer = app.customer("acme")
    for _ in range(12):
        await customer.post("/connections", {"integrationKey": "crm"})

    await customer.post("/integrations/crm/disconnect")

    assert (await customer.get("/connections?connected=true"))["items"] == []
    assert len((await customer.get("/connections?disconnected=true"))["items"]) == 12


async def test_connections_are_listed_by_everything_a_list_names(app: App) -> None:
    await app.admin.post("/integrations", {"key": "crm", "connectorId": "c-1"})
    await app.admin.post("/integrations", {"key": "other"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm", "name": "Main", "isTest": True})
    await customer.post("/connections", {"integrationKey": "other", "name": "Side", "key": "side"})

    async def names(query: str) -> list[str]:
        return [each["name"] for each in (await customer.get(f"/connections?{query}"))["items"]]

    assert await names("name=Main") == ["Main"]
    assert await names("connectorId=c-1") == ["Main"]
    assert await names("integrationKey=other") == ["Side"]
    assert await names("isTest=true") == ["Main"]
    assert await names("search=sid") == ["Side"]
    assert await names("name=nobody") == await names("integrationKey=nope") == []
    await customer.get("/connections?connected=true&disconnected=true", status=400)


async def test_instances_are_listed_by_everything_a_list_names(app: App) -> None:
    integration_id = await crm(app)
    table = await app.admin.post("/data-link-tables", {"key": "t"})
    await app.admin.post("/data-link-tables", {"key": "empty"})
    connection = await app.customer("acme").post("/connections", {"integrationKey": "crm", "key": "main"})
    await app.admin.post("/data-link-table-instance?dataLinkTableKey=t&connectionKey=main&instanceKey=i")

    matching = [
        f"dataLinkTableId={table['id']}", "dataLinkTableKey=t", f"connectionId={connection['id']}", "connectionKey=main",
        f"integrationId={integration_id}", "integrationKey=crm", "instanceKey=i", "userId=acme", "search=T",
    ]  # fmt: skip
    missing = [
        "dataLinkTableKey=empty",
        "dataLinkTableKey=nope",
        "connectionKey=no",
        "integrationKey=no",
        "instanceKey=j",
    ]

    assert [len((await app.admin.get(f"/data-link-table-instances?{each}"))["items"]) for each in matching] == [1] * 9
    assert [(await app.admin.get(f"/data-link-table-instances?{each}"))["items"] for each in missing] == [[]] * 5


@pytest.mark.parametrize(
    "clarifier",
    ["connectionId={id}", "connectionKey=main", "integrationKey=crm", "layer=connection&integrationKey=crm"],
)
async def test_a_table_route_that_names_a_connection_means_the_instance_whatever_the_method(
    app: App, clarifier: str
) -> None:
    await crm(app)
    table = await app.admin.post("/data-link-tables", {"key": "t"})
    customer = app.customer("acme")
    connection = await customer.post("/connections", {"integrationKey": "crm", "key": "main"})
    path = f"/data-link-tables/t?{clarifier.format(id=connection['id'])}"

    instance = await customer.get(path)
    assert instance["dataLinkTableId"] == table["id"]
    for method in ("PUT", "PATCH"):
        assert (await customer.call(method, path, json={"name": "Renamed"}))["id"] == instance["id"]
    archived = await customer.delete(path)
    assert archived["id"] == instance["id"]
    restored = await customer.post(path.replace("?", "/restore?"))
    assert (restored["id"], "archivedAt" in restored) == (instance["id"], False)
    exported = await customer.get(path.replace("?", "/export?"))
    assert exported["key"] == "t"
    assert await customer.get(path.replace("?", "/dependencies?")) == []

    untouched = await app.admin.get("/data-link-tables/t")
    assert untouched == table


@pytest.mark.parametrize("text", ["NORTH", "acme", "c-1", "custom", "sales"])
async def test_a_connection_is_found_by_its_own_name_its_customer_and_its_integration(app: App, text: str) -> None:
    await app.admin.post("/integrations", {"key": "crm", "name": "Sales tool"})
    await crm(app, "erp")
    await app.admin.post("/customers", {"internalId": "c-1", "name": "Acme custom"})
    await app.customer("c-1").post("/connections", {"integrationKey": "crm", "name": "North"})
    await app.customer("other").post("/connections", {"integrationKey": "erp", "name": "South"})

    found = (await app.admin.get("/connections", params={"search": text}))["items"]

    assert [each["name"] for each in found] == ["North"]
