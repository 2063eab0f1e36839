"""Every page, in both colours and narrow and wide: reachable, readable for everyone, and with its picture in ``.shots``."""

import re

import pytest
from playwright.async_api import Browser, Route, expect

from console.sample import Sample
from console.visitor import Scheme, Visitor
from support.server import Server

PAGES = {
    "overview": "/",
    "tables": "/tables",
    "tables-create": "/tables?create=true",
    "table": "/tables/contacts",
    "table-code": "/tables/contacts?tab=code",
    "table-settings": "/tables/contacts?tab=settings",
    "instances": "/instances",
    "links": "/instances/{instance}",
    "links-create": "/instances/{instance}?create=true",
    "import": "/instances/{instance}/import",
    "find": "/find?id=u-1",
    "find-nothing": "/find?id=nothing-like-it",
    "customers": "/customers",
    "customer": "/customers/{customer}",
    "integrations": "/integrations",
    "integration": "/integrations/{integration}",
    "connections": "/connections",
    "connection": "/connections/{connection}",
    "formulas": "/formulas",
    "no-such-page": "/no/such/page",
}
LISTS = ("/tables", "/instances", "/customers", "/integrations", "/connections")


# How a page looks has nothing to do with the engine, what it shows has: each engine has every page, and half of the looks.
@pytest.mark.parametrize(("server", "scheme"), [("sqlite", "light"), ("postgres", "dark")], indirect=["server"])
async def test_every_page_is_for_everyone(browser: Browser, server: Server, sample: Sample, scheme: Scheme) -> None:
    async with Visitor.arriving(browser, server, scheme=scheme) as visitor:
        await visitor.go("/sign-in")
        await visitor.heading("Sign in to Datalinks")
        await visitor.shoot(f"sign-in-{scheme}")
        found = {"sign-in": await visitor.violations()}
        await visitor.sign_in()
        for name, path in PAGES.items():
            await visitor.go(path.format(**sample.ids))
            await visitor.settle()
            await visitor.shoot(f"{name}-{scheme}")
            found[name] = await visitor.violations()

    assert not any(found.values()), "\n".join(f"{name}: {each}" for name, all in found.items() for each in all)


@pytest.mark.parametrize(("server", "width"), [("sqlite", 2560), ("postgres", 320)], indirect=["server"])
async def test_every_page_fits_whatever_is_the_width(
    browser: Browser, server: Server, sample: Sample, width: int
) -> None:
    async with Visitor.arriving(browser, server, width=width, height=1300) as visitor:
        await visitor.sign_in()
        wide: dict[str, int] = {}
        for name, path in PAGES.items():
            await visitor.go(path.format(**sample.ids))
            await visitor.settle()
            await visitor.shoot(f"{name}-{width}")
            wide[name] = await visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert {name: by for name, by in wide.items() if by > 0} == {}


# What is wider than its place and hides or scrolls the rest, and controls that are not inside of the window. What is there
# for screen readers only has no size, and code keeps its lines.
CUT_OFF = """(() => {
    const seen = (each) => each.clientWidth > 1 && each.checkVisibility({ visibilityProperty: true });
    const isCut = (each) =>
        each.scrollWidth > each.clientWidth && getComputedStyle(each).overflowX !== 'visible';
    const isOutside = ({ left, right }) => left < 0 || right > innerWidth;
    return [
        ...[...document.querySelectorAll('html, body, body :not(pre)')].filter((each) => seen(each) && isCut(each)),
        ...[...document.querySelectorAll('a, button, input')].filter(
            (each) => seen(each) && isOutside(each.getBoundingClientRect())
        ),
    ].map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 80)}`);
})()"""


async def test_links_are_whole_at_twice_the_size(browser: Browser, server: Server, sample: Sample) -> None:
    async with Visitor.arriving(browser, server, zoom=2) as visitor:
        await visitor.sign_in()
        page, cut_off = visitor.page, dict[str, list[str]]()

        async def look(name: str) -> None:
            await visitor.settle()
            await visitor.shoot(f"{name}-zoomed")
            cut_off[name] = await page.evaluate(CUT_OFF)

        await visitor.go(f"/instances/{sample.instance}")
        await look("links")
        rows = page.get_by_role("grid", name="Links").get_by_role("row")
        await rows.nth(1).get_by_role("checkbox").click()
        await expect(page.get_by_role("button", name="Delete selected")).to_be_visible()
        await look("links-selected")
        await rows.nth(2).click()
        await expect(page.get_by_role("table", name="The link")).to_be_visible()
        await look("link")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="New link").first.click()
        await expect(page.get_by_role("dialog", name="New link")).to_be_visible()
        await look("links-create")
        await visitor.go(f"/instances/{sample.instance}?search=nothing-like-it")
        await look("links-nothing")
        places = page.get_by_role("navigation", name="Places")
        await page.get_by_role("button", name="Menu").click()
        await expect(places).to_be_visible()
        await look("menu")
        await places.get_by_role("link", name="Instances", exact=True).click()
        await visitor.heading("Instances")
        await expect(places).to_have_count(0)

    assert not any(cut_off.values()), cut_off


async def test_an_address_of_nothing_says_so_and_leads_on(visitor: Visitor) -> None:
    await visitor.go("/no/such/page")

    await visitor.heading("There is no such page")
    await expect(visitor.page).to_have_title("There is no such page · Datalinks")
    await visitor.page.get_by_role("link", name="Go to the overview").click()
    await visitor.heading("Overview")


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_that_cannot_be_read_says_so_and_is_tried_again(visitor: Visitor, path: str) -> None:
    async def fail(route: Route) -> None:
        await route.fulfill(status=500, json={"type": "internal_error", "message": "The store is on fire."})

    pattern = re.compile(rf"{visitor.server.url}/(data-link-)?(table-instances|{path[1:]})\?")
    await visitor.page.route(pattern, fail)
    await visitor.go(path)
    await expect(visitor.page.get_by_role("alert").first).to_contain_text("The store is on fire.")

    await visitor.page.unroute(pattern)
    await visitor.page.get_by_role("button", name="Try again").first.click()
    await expect(visitor.page.get_by_role("grid").first).to_be_visible()


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_without_matches_says_what_to_do(visitor: Visitor, path: str) -> None:
    await visitor.go(f"{path}?search=nothing-like-it")
    await visitor.settle()

    await expect(visitor.page.get_by_role("grid")).to_have_count(0)
    await expect(visitor.page.get_by_role("main").get_by_text(re.compile("^(No|Nothing)")).first).to_be_visible()


async def test_the_first_page_is_light(browser: Browser, server: Server, sample: Sample) -> None:
    async with Visitor.arriving(browser, server) as visitor:
        scripts: list[int] = []

        async def weigh() -> None:
            sizes = await visitor.page.evaluate(
                "performance.getEntriesByType('resource').filter((each) => each.name.endsWith('.js'))"
                ".map((each) => each.encodedBodySize)"
            )
            scripts.extend(sizes)

        await visitor.sign_in()
        await visitor.go("/")
        await visitor.settle()
        await weigh()

    assert 0 < sum(scripts) < 250_000
