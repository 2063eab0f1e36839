"""Customers, integrations, connections, tables and instances of a real server."""

import pytest

from client.both import AnyClient, Connect, collected, done
from datalinks.errors import AccessDenied, AlreadyExists, BadRequest, NotFound
from support.server import Server


async def test_a_table_is_created_found_changed_archived_and_restored(admin: AnyClient, unique: str) -> None:
    created = await done(admin.tables.create(key=unique, name="Contacts", description="Who is who"))
    assert (created.key, created.name, created.archived_at) == (unique, "Contacts", None)
    assert await done(admin.tables.get(unique)) == created
    assert await done(admin.tables.get(created.id)) == created

    patched = await done(admin.tables.patch(unique, name="People"))
    assert (patched.name, patched.description) == ("People", "Who is who")
    replaced = await done(admin.tables.put(unique, name="Persons"))
    assert (replaced.name, replaced.description) == ("Persons", None)

    archived = await done(admin.tables.archive(unique))
    assert archived.archived_at is not None
    assert await collected(admin.tables.iterate(search=unique)) == []
    assert [each.id for each in await collected(admin.tables.iterate(search=unique, include_archived=True))] == [
        created.id
    ]
    assert (await done(admin.tables.restore(unique))).archived_at is None


async def test_none_empties_a_field_and_leaving_it_out_does_not(admin: AnyClient, unique: str) -> None:
    await done(admin.tables.create(key=unique, description="Who is who", meta={"a": [1, None]}))

    patched = await done(admin.tables.patch(unique, description=None))

    assert (patched.description, patched.meta) == (None, {"a": [1, None]})


async def test_find_answers_none_where_get_raises(admin: AnyClient) -> None:
    assert await done(admin.tables.find("no-such-table")) is None
    with pytest.raises(NotFound, match="no-such-table"):
        await done(admin.tables.get("no-such-table"))


async def test_an_exported_table_is_the_same_elsewhere(admin: AnyClient, unique: str) -> None:
    table = await done(admin.tables.create(key=f"{unique} ü", name="Contacts"))

    exported = await done(admin.tables.export(table.key))

    assert (exported.key, exported.uuid, exported.name) == (table.key, table.uuid, "Contacts")


async def test_iterate_goes_through_every_page(admin: AnyClient, unique: str) -> None:
    keys = [f"{unique}-{number}" for number in range(5)]
    for key in keys:
        await done(admin.tables.create(key=key))

    found = await collected(admin.tables.iterate(search=unique, limit=2))

    assert [table.key for table in found] == keys[::-1]


async def test_a_page_says_where_the_next_one_begins(admin: AnyClient, unique: str) -> None:
    for number in range(3):
        await done(admin.tables.create(key=f"{unique}-{number}"))

    first = await done(admin.tables.list_page(search=unique, limit=2))
    last = await done(admin.tables.list_page(search=unique, limit=2, cursor=first.cursor))

    assert [table.key[-1] for table in [*first.items, *last.items]] == ["2", "1", "0"]
    assert last.cursor is None


@pytest.mark.parametrize("odd", ["{} with space", "{}/../slash", "{}?&=#%2F+", "{} ünï 🦊", "..", "{}\n"])
async def test_internal_ids_may_have_any_character(admin: AnyClient, unique: str, odd: str) -> None:
    internal_id = odd.format(unique)
    if await done(admin.customers.find(internal_id)) is None:
        await done(admin.customers.create(internal_id=internal_id))

    patched = await done(admin.customers.patch(internal_id, fields={"odd": odd}))

    assert (patched.internal_id, patched.fields) == (internal_id, {"odd": odd})
    assert await done(admin.customers.get(internal_id)) == patched


async def test_secrets_come_only_when_they_are_asked_for(admin: AnyClient, unique: str) -> None:
    customer = await done(admin.customers.create(internal_id=unique, credentials={"key": "k"}))
    integration = await done(admin.integrations.create(key=unique))
    connection = await done(
        admin.connections.create(integration_key=integration.key, user_id=unique, credentials={"token": "t"})
    )

    assert (await done(admin.customers.get(customer.id))).credentials is None
    assert (await done(admin.customers.get(customer.id, include_secrets=True))).credentials == {"key": "k"}
    assert (await done(admin.connections.get(connection.id))).credentials is None
    assert (await done(admin.connections.get(connection.id, include_secrets=True))).credentials == {"token": "t"}


async def test_an_admin_says_whose_connection_is_meant(admin: AnyClient, unique: str) -> None:
    await done(admin.integrations.create(key=unique))
    for number in range(2):
        await done(admin.customers.create(internal_id=f"{unique}-{number}"))
        await done(admin.connections.create(integration_key=unique, user_id=f"{unique}-{number}"))

    with pytest.raises(BadRequest, match="several"):
        await done(admin.connections.get(unique))
    found = await done(admin.connections.get(unique, customer=f"{unique}-1"))
    assert found.user is not None
    assert found.user.internal_id == f"{unique}-1"
    assert await done(admin.connections.find(f"{unique}-none", customer=f"{unique}-1")) is None
    listed = await collected(admin.connections.iterate(integration_key=unique, customer=f"{unique}-1"))
    assert [connection.id for connection in listed] == [found.id]


async def test_ensure_makes_a_connection_once(admin: AnyClient, unique: str) -> None:
    await done(admin.customers.create(internal_id=unique))
    url = f"https://{unique}.example.com/start"

    first = await done(admin.connections.ensure(url, name="Start", customer=unique))

    assert first.name == "Start"
    assert (await done(admin.connections.ensure(url, customer=unique))).id == first.id


async def test_a_disconnected_connection_is_listed_as_such(admin: AnyClient, unique: str) -> None:
    await done(admin.integrations.create(key=unique))
    await done(admin.customers.create(internal_id=unique))
    connection = await done(admin.connections.create(integration_key=unique, user_id=unique))

    await done(admin.connections.patch(connection.id, disconnected=True))

    assert [each.id for each in await collected(admin.connections.iterate(customer=unique, disconnected=True))] == [
        connection.id
    ]
    assert await collected(admin.connections.iterate(customer=unique, disconnected=False)) == []


async def test_an_instance_is_created_found_archived_and_restored(
    admin: AnyClient, connect: Connect, server: Server, unique: str
) -> None:
    table = await done(admin.tables.create(key=unique))
    await done(admin.integrations.create(key=unique))
    customer = connect(server.url, token=server.token(unique))
    await done(customer.connections.create(integration_key=unique))

    assert await done(customer.instances.find(table=unique, integration=unique)) is None
    created = await done(customer.instances.create(table=unique, integration=unique, instance_key="one"))
    assert created.instance_key == "one"
    assert await done(customer.instances.create(table=unique, integration=unique, instance_key="one")) == created
    assert await done(admin.instances.get(instance=created.id)) == created
    assert await done(admin.instances.list_page(data_link_table_id=table.id, customer=unique)) == await done(
        customer.instances.list_page(data_link_table_id=table.id)
    )

    assert (await done(customer.instances.archive(instance=created.id))).is_deactivated
    assert await collected(customer.instances.iterate(data_link_table_id=table.id)) == []
    assert not (await done(customer.instances.restore(instance=created.id))).is_deactivated


async def test_get_self_says_who_the_token_speaks_for(
    admin: AnyClient, connect: Connect, server: Server, unique: str
) -> None:
    customer = connect(server.url, workspace_key=server.key, workspace_secret=server.secret, customer=f"{unique}/1")

    await done(customer.patch_self(credentials={"token": "t"}))
    myself = await done(customer.get_self())
    assert (myself.internal_id, myself.is_admin, myself.is_test) == (f"{unique}/1", False, False)
    assert (await done(admin.customers.get(f"{unique}/1", include_secrets=True))).credentials == {"token": "t"}
    admin_self = await done(admin.get_self())
    assert (admin_self.internal_id, admin_self.is_admin, admin_self.is_test) == (server.key, True, None)


async def test_an_admin_can_act_for_a_customer(connect: Connect, server: Server, unique: str) -> None:
    both = connect(server.url, workspace_key=server.key, workspace_secret=server.secret, customer=unique, admin=True)

    myself = await done(both.get_self())

    assert (myself.internal_id, myself.is_admin) == (unique, True)


async def test_errors_are_those_of_the_server(admin: AnyClient, connect: Connect, server: Server, unique: str) -> None:
    await done(admin.tables.create(key=unique))

    with pytest.raises(AlreadyExists, match=unique) as taken:
        await done(admin.tables.create(key=unique))
    assert taken.value.data == {"path": "$.key"}
    with pytest.raises(BadRequest) as bad:
        await done(admin.tables.list_page(limit=0))
    assert (type(bad.value), bad.value.data["path"]) == (BadRequest, "$.limit")
    with pytest.raises(AccessDenied, match="admin"):
        await done(connect(server.url, token=server.token(unique)).tables.create(key=f"{unique}-2"))


async def test_a_selector_that_came_out_empty_selects_nothing(admin: AnyClient) -> None:
    with pytest.raises(BadRequest, match="empty"):
        await done(admin.tables.get(""))
    with pytest.raises(BadRequest, match="empty"):
        await done(admin.tables.export(""))
    with pytest.raises(BadRequest, match="userId is empty"):
        await done(admin.connections.list_page(customer=""))
