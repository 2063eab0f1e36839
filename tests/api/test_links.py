"""Links over the API, in each of the ways that an instance can be named."""

from support.app import Api, App


async def place(app: App) -> tuple[Api, str]:
    """A customer with a connection, and the query that names the instance of the table ``contacts`` for it."""
    await app.admin.post("/data-link-tables", {"key": "contacts"})
    await app.admin.post("/integrations", {"key": "crm"})
    customer = app.customer("acme")
    await customer.post("/connections", {"integrationKey": "crm"})
    return customer, "dataLinkTableKey=contacts&integrationKey=crm"


async def test_both_is_two_links_found_from_either_side(app: App) -> None:
    customer, where = await place(app)

    written = await customer.post(
        f"/data-link-table-instance/links?{where}", {"appRecordId": "u-17", "externalRecordId": "9001"}, status=201
    )

    assert [link["direction"] for link in written["items"]] == ["import", "export"]
    found = await customer.get(f"/data-link-table-instance/links?{where}&direction=import&externalRecordId=9001")
    assert [link["appRecordId"] for link in found["items"]] == ["u-17"]
    found = await customer.get(f"/data-link-table-instance/links?{where}&direction=export&appRecordId=u-17")
    assert [link["externalRecordId"] for link in found["items"]] == ["9001"]


async def test_writing_a_link_again_keeps_its_id_and_makes_it_the_newest(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    first = await customer.post(links, {"appRecordId": "a", "externalRecordId": "1", "direction": "export"})
    await customer.post(links, {"appRecordId": "a", "externalRecordId": "2", "direction": "export"})

    again = await customer.post(links, {"appRecordId": "a", "externalRecordId": "1", "direction": "export"})

    assert again["id"] == first["id"]
    assert again["createdAt"] == first["createdAt"]
    assert again["updatedAt"] > first["updatedAt"]
    found = await customer.get(f"{links}&appRecordId=a")
    assert [link["externalRecordId"] for link in found["items"]] == ["1", "2"]


async def test_a_link_has_exactly_the_fields_of_the_reference_and_its_times(app: App) -> None:
    customer, where = await place(app)
    await customer.post(f"/data-link-table-instance/links?{where}", {"appRecordId": "a", "externalRecordId": "1"})

    (link, _) = (await customer.get(f"/data-link-table-instance/links?{where}"))["items"]

    expected = ["id", "dataLinkTableInstanceId", "externalRecordId", "appRecordId", "direction"]
    assert list(link) == [*expected, "createdAt", "updatedAt"]
    assert len(link["id"]) == 24


async def test_deleting_takes_exactly_what_is_meant(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    pair = {"appRecordId": "a", "externalRecordId": "1"}

    async def directions() -> list[str]:
        return [link["direction"] for link in (await customer.get(links))["items"]]

    await customer.post(links, pair)
    await customer.delete(links, {**pair, "externalRecordId": "2"}, status=200)
    assert await directions() == ["export", "import"]
    await customer.delete(links, {**pair, "direction": "export"}, status=200)
    assert await directions() == ["import"]
    await customer.delete(links, pair, status=200)
    assert await directions() == []
    assert await customer.delete(links, pair, status=200) is None, "deleting what is not there succeeds"


async def test_a_link_is_got_by_its_id_however_often_it_was_written(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    pair = {"appRecordId": "a", "externalRecordId": "1"}

    for again in ({}, {"direction": "export"}, {}):
        await customer.post(links, {**pair, **again})
        listed = (await customer.get(links))["items"]
        assert [await customer.get(f"/data-links/{link['id']}") for link in listed] == listed
        assert await app.admin.get(f"/data-links/{listed[0]['id']}") == listed[0]


async def test_a_link_that_is_gone_or_hidden_or_never_was_is_not_there(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    pair = {"appRecordId": "a", "externalRecordId": "1"}
    gone, hidden = (await customer.post(links, pair))["items"]
    await customer.delete(links, {**pair, "direction": "import"})
    assert (await customer.get(f"/data-links/{hidden['id']}"))["direction"] == "export"
    await app.admin.delete("/data-link-tables/contacts")

    other = gone["id"][:-1] + format(int(gone["id"][-1], 16) ^ 2, "x")
    for id in (gone["id"], hidden["id"], other, "f" * 24, "0" * 24, "nothing", gone["id"].upper(), f"{gone['id']}0"):
        refused = await customer.get(f"/data-links/{id}", status=404)
        assert refused["key"] == "not_found"
        assert id in refused["message"]

    await app.admin.post("/data-link-tables/contacts/restore")
    assert await customer.get(f"/data-links/{hidden['id']}") == (await customer.get(links))["items"][0]


async def test_a_link_is_deleted_by_its_id_once(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    written = await customer.post(links, {"appRecordId": "a", "externalRecordId": "1"})

    await customer.delete(f"/data-links/{written['id']}", status=200)
    await customer.delete(f"/data-links/{written['id']}", status=404)

    assert [link["direction"] for link in (await customer.get(links))["items"]] == ["export"]


async def test_pages_of_both_directions_are_one_list_newest_first(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    for number in range(7):
        direction = ("import", "export", "both")[number % 3]
        await customer.post(links, {"appRecordId": number, "externalRecordId": number, "direction": direction})

    everything = (await customer.get(links))["items"]
    paged: list[str] = []
    cursor = "0"
    while cursor:
        page = await customer.get(f"{links}&limit=2&cursor={cursor}")
        paged += [link["id"] for link in page["items"]]
        cursor = page.get("cursor")

    assert paged == [link["id"] for link in everything]
    assert len(paged) == 9
    assert [link["updatedAt"] for link in everything] == sorted(
        (link["updatedAt"] for link in everything), reverse=True
    )


async def test_numbers_are_ids_as_their_decimal_text(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"

    written = await customer.post(links, {"appRecordId": 0, "externalRecordId": 90071992547409931234})
    fraction = await customer.post(links, {"appRecordId": 1.5, "externalRecordId": 7.0})

    assert (written["appRecordId"], written["externalRecordId"]) == ("0", "90071992547409931234")
    assert (fraction["appRecordId"], fraction["externalRecordId"]) == ("1.5", "7")
    assert len((await customer.get(f"{links}&appRecordId=0"))["items"]) == 2


async def test_both_in_a_find_filters_nothing_and_an_empty_filter_is_none(app: App) -> None:
    customer, where = await place(app)
    links = f"/data-link-table-instance/links?{where}"
    await customer.post(links, {"appRecordId": "a", "externalRecordId": "1"})

    assert len((await customer.get(f"{links}&direction=both&appRecordId=&externalRecordId="))["items"]) == 2


async def test_the_table_routes_make_the_instance_they_need(app: App) -> None:
    customer, _ = await place(app)
    links = "/data-link-tables/contacts/links?integrationKey=crm"

    assert (await customer.get(links)) == {"items": []}
    assert await customer.call("POST", links, status=204, json={"appRecordId": "a", "externalRecordId": "1"}) is None
    assert len((await customer.get(links))["items"]) == 2
    await customer.delete(links, {"appRecordId": "a", "externalRecordId": "1"}, status=200)
    assert (await customer.get(links)) == {"items": []}
    assert len((await customer.get("/data-link-table-instances"))["items"]) == 1


async def test_connections_never_share_links(app: App) -> None:
    await place(app)
    await app.customer("globex").post("/connections", {"integrationKey": "crm"})
    links = "/data-link-tables/contacts/links?integrationKey=crm"

    await app.customer("acme").post(links, {"appRecordId": "a", "externalRecordId": "1"})

    assert len((await app.customer("acme").get(links))["items"]) == 2
    assert (await app.customer("globex").get(links)) == {"items": []}


async def test_a_link_route_says_what_is_missing(app: App) -> None:
    customer, _ = await place(app)
    body = {"appRecordId": "a", "externalRecordId": "1"}

    async def refusal(query: str, status: int) -> str:
        answer = await customer.post(f"/data-link-table-instance/links?{query}", body, status=status)
        return answer["message"]

    assert "which table" in await refusal("integrationKey=crm", 400)
    assert "which connection" in await refusal("dataLinkTableKey=contacts", 400)
    assert "'nope'" in await refusal("dataLinkTableKey=nope&integrationKey=crm", 404)
    assert "'nope'" in await refusal("dataLinkTableKey=contacts&integrationKey=nope", 404)
    assert "'nope'" in await refusal("id=nope", 404)
