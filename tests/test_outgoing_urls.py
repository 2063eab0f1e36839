"""References are resolved below their base, and lead nowhere else however they are written."""

import pytest

from datalinks.errors import BadRequest
from datalinks.outgoing.urls import encode_path, parse_url, resolve

BASE = "https://api.example.com/v1/"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("contacts", "https://api.example.com/v1/contacts"),
        ("/contacts/1", "https://api.example.com/v1/contacts/1"),
        ("", "https://api.example.com/v1"),
        ("contacts/", "https://api.example.com/v1/contacts/"),
        ("a//b", "https://api.example.com/v1/a//b"),
        ("//evil.example/x", "https://api.example.com/v1/evil.example/x"),
        ("users/@me:x", "https://api.example.com/v1/users/@me:x"),
        ("a%2Fb?x=%20&y='[1]'", "https://api.example.com/v1/a%2Fb?x=%20&y='[1]'"),
        ("a b/\u00e9?q=\u00e9 x", "https://api.example.com/v1/a%20b/%C3%A9?q=%C3%A9%20x"),
        ("?a=b", "https://api.example.com/v1?a=b"),
        ("a#fragment", "https://api.example.com/v1/a"),
        ("a?next=https://evil.example/../x", "https://api.example.com/v1/a?next=https://evil.example/../x"),
        ("...", "https://api.example.com/v1/..."),
        ("a..b/.c", "https://api.example.com/v1/a..b/.c"),
        ("https://api.example.com/v2/x?y", "https://api.example.com/v2/x?y"),
        ("https:/api.example.com/x", "https://api.example.com/x"),
        ("HTTPS://API.EXAMPLE.COM:443/x", "https://api.example.com/x"),
        ("https://api.example.com", "https://api.example.com/"),
        ("https://api.example.com?x=1", "https://api.example.com/?x=1"),
        ("//https://evil.example/", "https://api.example.com/v1/https://evil.example/"),
        ("https:evil.example://x", "https://api.example.com/v1/https:evil.example://x"),
        ("files/https://evil.example/x", "https://api.example.com/v1/files/https://evil.example/x"),
    ],
)
def test_a_reference_is_resolved_below_its_base(reference: str, url: str) -> None:
    assert resolve(BASE, reference) == url


@pytest.mark.parametrize(
    "reference",
    [
        "..", "../x", "a/../../x", "a/./x", "/..", "%2e%2e/x", "%2E./x", "a/..%2fx", "..%2F..%2Fx", "%252e%252e/x",
        "%25252e%25252e/x", "..\\x", "a\\..\\x", "%5c..%5cx", "..;/x", "..;a=b/x", "%2e%2e;/x", ".. /x",
        "a\r\nhost: x", "a%0d%0ax", "a\x00", "a%00", "a%250ax", "a\x7f", "%25252525252541",
        "https://evil.example/", "http://api.example.com/", "https://api.example.com:444/",
        "https://api.example.com@evil.example/", "https://api.example.com:x@evil.example/", "https://user@api.example.com/",
        "https://api.example.com\\@evil.example/", "https://api.example.com.evil.example/", "https://evil.example\\/x",
        "https:///evil.example/", "https://evil.example#@api.example.com/",
        "https://evil.example?@api.example.com/", "https://api.example.com%2f@evil.example/",
        "https://api.example.com%00.evil.example/", "https://\u0430pi.example.com/", "https://", "https://[::1/",
        "ftp://api.example.com/", "file:///etc/passwd", "gopher://x/", "https://api.example.com/../x",
        "/\thttps://evil.example/",
    ],
)  # fmt: skip
def test_a_reference_that_leads_elsewhere_is_refused(reference: str) -> None:
    with pytest.raises(BadRequest) as refused:
        resolve(BASE, reference)

    assert refused.value.data["path"]


@pytest.mark.parametrize(
    ("host", "reference", "is_allowed"),
    [
        ("files.example.com", "https://files.example.com/x", True),
        ("files.example.com", "https://FILES.example.com./x", True),
        ("files.example.com", "https://files.example.com:444/x", False),
        ("files.example.com:444", "https://files.example.com:444/x", True),
        ("files.example.com:444", "https://files.example.com/x", False),
        ("files.example.com", "http://files.example.com/x", False),
        ("files.example.com", "https://x.files.example.com/x", False),
        ("*.example.net", "https://a.b.example.net/x", True),
        ("*.example.net", "https://example.net/x", False),
        ("*.example.net", "https://evilexample.net/x", False),
    ],
)
def test_other_hosts_are_reached_if_they_are_allowed(host: str, reference: str, is_allowed: bool) -> None:
    if is_allowed:
        assert resolve(BASE, reference, [host]) == str(parse_url(reference))
    else:
        with pytest.raises(BadRequest):
            resolve(BASE, reference, [host])


@pytest.mark.parametrize(
    "base",
    [
        "", "x", "/v1", "//x", "ftp://x", "https://", "https://user@x", "https://x?y=1", "https://x/#y", "https://x y/",
        "https://b\u00fccher.example/", "https://x\\y", "https://x:99999",
    ],
)  # fmt: skip
def test_what_is_no_base_is_refused(base: str) -> None:
    with pytest.raises(BadRequest) as refused:
        resolve(base, "x")

    assert refused.value.data == {"path": "$.baseUri"}


def test_a_percent_sign_in_a_decoded_path_stands_for_itself() -> None:
    assert resolve(BASE, encode_path("100% a/b?c")) == "https://api.example.com/v1/100%25%20a/b%3Fc"
    assert resolve(BASE, encode_path("a%2Fb")) == "https://api.example.com/v1/a%252Fb"
