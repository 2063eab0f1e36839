"""What a path leads to."""

import pytest

from datalinks.api.router import Router

PATHS = [
    "/tables",
    "/tables/ensure",
    "/tables/{selector}",
    "/tables/{selector}/links",
    "/{kind}/{id}/links/{link}",
    "/",
]


@pytest.fixture
def router() -> Router[str]:
    made = Router[str]()
    for path in PATHS:
        made.add(path, path)
    return made


@pytest.mark.parametrize(
    ("path", "target", "values"),
    [
        ("/tables", "/tables", {}),
        ("/", "/", {}),
        ("/tables/a", "/tables/{selector}", {"selector": "a"}),
        ("/tables/ensure", "/tables/ensure", {}),
        ("/tables/ensure/links", "/tables/{selector}/links", {"selector": "ensure"}),
        ("/tables/a/links/b", "/{kind}/{id}/links/{link}", {"kind": "tables", "id": "a", "link": "b"}),
        ("/tables/{selector}", "/tables/{selector}", {"selector": "{selector}"}),
    ],
)
def test_a_path_leads_to_its_literal_parts_first(
    router: Router[str], path: str, target: str, values: dict[str, str]
) -> None:
    assert router.find(path) == (target, values)


@pytest.mark.parametrize(
    "path", ["", "*", "//", "/tables/", "/tables//links", "/tables/a/", "/tables/a/links/", "/Tables", "/" * 10_000]
)
def test_any_other_path_leads_nowhere(router: Router[str], path: str) -> None:
    assert router.find(path) is None
