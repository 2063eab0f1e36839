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
