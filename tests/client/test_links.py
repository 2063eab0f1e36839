"""Links of a real server."""

from typing import Any

import pytest

from client.both import AnyClient, Scene, collected, done
from datalinks.errors import BadRequest, NotFound
from datalinks.model.link import Direction
from datalinks.model.link_search import Side


async def test_a_link_is_found_from_both_sides(scene: Scene) -> None:
    written = await done(scene.links.create(app_record_id="u-17", external_record_id="9001"))

    assert [link.direction for link in written] == [Direction.IMPORT, Direction.EXPORT]
    assert await done(scene.links.external_record_id("u-17")) == "9001"
    assert await done(scene.links.app_record_id("9001")) == "u-17"


async def test_a_side_without_a_link_is_none(scene: Scene) -> None:
    await done(scene.links.create(app_record_id="u-17", external_record_id="9001", direction="import"))

    assert await done(scene.links.external_record_id("u-17")) is None
    assert await done(scene.links.app_record_id("u-17")) is None
    assert await done(scene.links.app_record_id("9001")) == "u-17"


async def test_of_several_links_the_most_recently_written_is_found(scene: Scene) -> None:
    first = await done(scene.links.create(app_record_id="u", external_record_id="1", direction=Direction.EXPORT))
    await done(scene.links.create(app_record_id="u", external_record_id="2", direction=Direction.EXPORT))
    assert await done(scene.links.external_record_id("u")) == "2"

    again = await done(scene.links.create(app_record_id="u", external_record_id="1", direction=Direction.EXPORT))

    assert await done(scene.links.external_record_id("u")) == "1"
    assert [link.id for link in again] == [link.id for link in first]


@pytest.mark.parametrize(
    "odd", ["with space", "a/b/../c", "?&=#%2F+", "ünï 🦊", "..", "line\nend", '"quoted"', "0", "x" * 512, "🦊" * 512]
)
async def test_record_ids_may_have_any_character(scene: Scene, odd: str) -> None:
    await done(scene.links.create(app_record_id=odd, external_record_id=f"{odd[:-1]}~"))

    assert await done(scene.links.external_record_id(odd)) == f"{odd[:-1]}~"
    assert await done(scene.links.app_record_id(f"{odd[:-1]}~")) == odd
    await done(scene.links.delete(app_record_id=odd, external_record_id=f"{odd[:-1]}~"))
    assert await collected(scene.links.iterate()) == []


@pytest.mark.parametrize("number", [0, -1, 9001, 10**30])
async def test_a_number_stands_for_its_decimal_text(scene: Scene, number: int) -> None:
    await done(scene.links.create(app_record_id=number, external_record_id="x"))

    assert await done(scene.links.app_record_id("x")) == str(number)
    assert await done(scene.links.external_record_id(number)) == "x"


@pytest.mark.parametrize("bad", ["", "x" * 513, "nul\0", 10**600, "half \ud800"])
async def test_an_id_that_cannot_be_one_is_refused_before_it_means_something_else(scene: Scene, bad: Any) -> None:
    await done(scene.links.create(app_record_id="u-17", external_record_id="9001"))

    with pytest.raises(BadRequest):
        await done(scene.links.external_record_id(bad))
    with pytest.raises(BadRequest):
        await done(scene.links.create(app_record_id="u", external_record_id=bad))
    with pytest.raises(BadRequest):
        await done(scene.links.delete(app_record_id=bad, external_record_id="9001"))
    with pytest.raises(BadRequest):
        await done(scene.links.list_page(search=bad))
    with pytest.raises(BadRequest):
        await done(scene.client.links.search_page(bad))


async def test_filters_work_together(scene: Scene) -> None:
    for external in "12":
        for app in "ab":
            await done(scene.links.create(app_record_id=app, external_record_id=external))

    found = await collected(scene.links.iterate(app_record_id="a", direction="import", limit=1))
    assert [(link.app_record_id, link.external_record_id) for link in found] == [("a", "2"), ("a", "1")]
    assert len(await collected(scene.links.iterate(limit=3))) == 8
    page = await done(scene.links.list_page(direction="both", limit=3))
    assert len(page.items) == 3
    assert (await done(scene.links.list_page(limit=3, cursor=page.cursor))).items[0].id not in {
        link.id for link in page.items
    }
    assert await done(scene.links.find(app_record_id="c")) is None


async def test_delete_takes_the_direction_that_is_given(scene: Scene) -> None:
    await done(scene.links.create(app_record_id="u", external_record_id="1"))

    await done(scene.links.delete(app_record_id="u", external_record_id="1", direction="export"))
    assert [link.direction for link in await collected(scene.links.iterate())] == [Direction.IMPORT]
    await done(scene.links.delete(app_record_id="u", external_record_id="1"))
    await done(scene.links.delete(app_record_id="u", external_record_id="1"))
    assert await collected(scene.links.iterate()) == []


async def test_search_finds_links_of_an_instance_by_how_the_ids_of_their_records_begin(scene: Scene) -> None:
    for app, external in (("u-2", "9"), ("u-1", "u-3"), ("x", "u-0"), ("x", "9")):
        await done(scene.links.create(app_record_id=app, external_record_id=external, direction="import"))

    found = await collected(scene.links.iterate(search="u-", limit=1))

    assert [(link.app_record_id, link.external_record_id) for link in found] == [
        ("u-1", "u-3"),
        ("u-2", "9"),
        ("x", "u-0"),
    ]
    assert (await done(scene.links.list_page(search=9, limit=1))).items[0].external_record_id == "9"
    with pytest.raises(BadRequest, match="search"):
        await done(scene.links.list_page(search="u-", app_record_id="u-1"))


async def test_a_record_is_found_with_what_its_links_hang_on(admin: AnyClient, scene: Scene) -> None:
    other = scene.client.links_of(table=scene.key, integration=scene.key, instance_key="other")
    await done(scene.links.create(app_record_id=f"{scene.key}-1", external_record_id="9", direction="import"))
    await done(other.create(app_record_id="9", external_record_id=f"{scene.key}-1", direction="import"))
    await done(other.create(app_record_id="9", external_record_id=f"{scene.key}-2", direction="export"))

    exact = await collected(admin.links.search(f"{scene.key}-1", limit=1))
    begun = await collected(scene.client.links.search(f"{scene.key}-", match="prefix", limit=2))

    assert [each.side for each in exact] == [Side.APP, Side.EXTERNAL]
    assert [each.data_link_table_instance.instance_key for each in exact] == [None, "other"]
    assert {(each.data_link_table.key, each.integration.key, each.customer.internal_id) for each in exact} == {
        (scene.key, scene.key, scene.key)
    }
    assert [each.link.direction for each in begun] == [Direction.IMPORT, Direction.IMPORT, Direction.EXPORT]
    assert len((await done(scene.client.links.search_page(f"{scene.key}-", match="prefix", limit=1))).items) == 1
    with pytest.raises(BadRequest, match="match"):
        await done(admin.links.search_page("u", match="begins"))  # pyright: ignore[reportArgumentType]


async def test_one_link_is_got_by_its_id(scene: Scene) -> None:
    links = await done(scene.links.create(app_record_id="u", external_record_id="1"))

    assert [await done(scene.client.links.get(link.id)) for link in links] == links
    await done(scene.client.links.delete(links[0].id))
    for id in (links[0].id, "../data-link-tables", "search"):
        with pytest.raises(NotFound if id != "search" else BadRequest):
            await done(scene.client.links.get(id))


async def test_one_link_is_deleted_by_its_id(scene: Scene) -> None:
    links = await done(scene.links.create(app_record_id="u", external_record_id="1"))

    await done(scene.client.links.delete(links[0].id))

    assert [link.id for link in await collected(scene.links.iterate())] == [links[1].id]
    with pytest.raises(NotFound):
        await done(scene.client.links.delete(links[0].id))
    with pytest.raises(NotFound):
        await done(scene.client.links.delete("../data-link-tables"))


async def test_an_unknown_direction_is_refused(scene: Scene) -> None:
    sideways: Any = "sideways"

    with pytest.raises(BadRequest, match="sideways"):
        await done(scene.links.create(app_record_id="u", external_record_id="1", direction=sideways))
    with pytest.raises(BadRequest, match="sideways"):
        await done(scene.links.find(app_record_id="u", direction=sideways))


async def test_every_way_to_name_an_instance_means_the_same_links(admin: AnyClient, scene: Scene) -> None:
    await done(scene.links.create(app_record_id="u", external_record_id="1"))
    connection = await done(scene.client.connections.get(scene.key))
    instance = await done(scene.client.instances.get(table=scene.key, connection=connection.id))

    for links in (
        admin.links_of(table=scene.key, integration=scene.key, customer=scene.key),
        admin.links_of(table=scene.key, connection=connection.id),
        admin.links_of(instance=instance.id),
        scene.client.links_of(table=instance.data_link_table_id, integration=connection.integration_id),
    ):
        assert await done(links.external_record_id("u")) == "1"
    other = scene.client.links_of(table=scene.key, integration=scene.key, instance_key="other")
    assert await done(other.external_record_id("u")) is None


async def test_a_place_that_is_not_there_or_not_clear_is_said(admin: AnyClient, scene: Scene) -> None:
    with pytest.raises(NotFound):
        await done(admin.links_of(table="no-such-table", integration=scene.key).find())
    with pytest.raises(BadRequest):
        await done(admin.links_of().find())
    with pytest.raises(BadRequest, match="userId is empty"):
        await done(admin.links_of(table=scene.key, integration=scene.key, customer="").find())
