"""Tokens: who gets in and, above all, who does not. A refusal is always a 401 in the error envelope."""

import asyncio
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from datalinks.errors import NotAuthenticated
from datalinks.model.workspace import Workspace, WorkspaceSettings
from datalinks.services.tokens import PublishedKeys, TokenVerifier
from support.app import App, open_app
from support.cases import cases, expand, promises
from support.server import Server
from support.tokens import mint

RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES: dict[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
    "ES256K": ec.SECP256K1(),
}
ALGORITHMS = (*RSA_ALGORITHMS, *CURVES)
HASHES: dict[str, Callable[..., Any]] = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def refused(answer: httpx2.Response) -> str:
    """The message of a refusal that is as it must be."""
    assert answer.status_code == 401, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["www-authenticate"] == "Bearer"
    envelope = msgspec.json.decode(answer.content)
    assert set(envelope) <= {"type", "key", "message", "data"}
    assert (envelope["type"], envelope["key"]) == ("bad_request", "not_authenticated")
    assert 10 < len(envelope["message"]) < 1_000
    return envelope["message"]


async def ask(app: App, token: str | bytes) -> httpx2.Response:
    """Whom the server takes the bearer of a token for."""
    token = token.encode() if isinstance(token, str) else token
    return await app.http.request("GET", "/self", headers={b"authorization": b"Bearer " + token})


def b64(raw: bytes) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: bytes, claims: bytes, secret: bytes, hashed: Callable[..., Any] = hashlib.sha512) -> str:
    """A token of any bytes with a proper HMAC."""
    text = f"{b64(header)}.{b64(claims)}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashed).digest())}"


@cache
def private_key(algorithm: str) -> Any:
    """A key that signs with an algorithm; all RSA algorithms share one, as making it takes long."""
    return rsa_key() if algorithm in RSA_ALGORITHMS else ec.generate_private_key(CURVES[algorithm])


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """An RSA key; another one for another number."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    """The public half of a key."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key: Any, **extra: Any) -> dict[str, Any]:
    """The public half of a key as a key set has it."""
    kind: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), **extra}


def signed_by(app: App, algorithm: str, key: Any = None, **header: str) -> str:
    """A customer's token signed with a private key; no two are the same."""
    claims = {"iss": app.key, "id": "acme", "exp": int(time.time()) + 600, "jti": str(time.perf_counter_ns())}
    return jwt.encode(claims, key or private_key(algorithm), algorithm, headers=header)


async def test_each_hmac_algorithm_lets_in(app: App) -> None:
    for algorithm in HASHES:
        token = mint(app.key, app.secret, "acme", algorithm=algorithm)
        assert (await app.bearing(token).get("/self"))["internalId"] == "acme"


@pytest.mark.parametrize("case", promises("claims"))
async def test_claims(app: App, case: dict[str, Any]) -> None:
    await app.other_workspace("Other")
    answers = [await ask(app, signed(b'{"alg":"HS512"}', expand(case["claims"]), app.secret.encode())) for _ in "12"]

    for answer in answers:
        if case.get("refused"):
            refused(answer)
            continue
        assert answer.status_code == 200, answer.text
        customer = expand(case["customer"]).decode() if "customer" in case else app.key
        assert answer.json()["internalId"] == customer
        assert answer.json()["isAdmin"] is case.get("admin", "isAdmin" in case["claims"])
    customers = (await app.admin.get("/customers"))["items"]
    assert len(customers) == (1 if "customer" in case else 0)


@pytest.mark.parametrize("case", cases("admin_claims"), ids=lambda case: case["claim"])
async def test_the_claim_is_admin(app: App, case: dict[str, Any]) -> None:
    claims = b'{"iss":"%s","id":"acme","isAdmin":%s}' % (app.key.encode(), case["claim"].encode())

    api = app.bearing(signed(b'{"alg":"HS512"}', claims, app.secret.encode()))

    assert (await api.get("/self"))["isAdmin"] is case["admin"]
    await api.get("/customers", status=200 if case["admin"] else 403)


@pytest.mark.parametrize("claim", ["NaN", "1e400", "Infinity", '"\\ud800"'])
async def test_an_admin_claim_that_is_no_json_is_refused(app: App, claim: str) -> None:
    claims = b'{"iss":"%s","id":"acme","isAdmin":%s}' % (app.key.encode(), claim.encode())

    refused(await ask(app, signed(b'{"alg":"HS512"}', claims, app.secret.encode())))


@pytest.mark.parametrize("case", promises("token_headers"))
async def test_a_token_is_refused_that_has(app: App, case: dict[str, Any]) -> None:
    header, claims = expand(case["header"]), b'{"iss":"%s","isAdmin":true}' % app.key.encode()
    proper = signed(header, claims, app.secret.encode())

    refused(await ask(app, proper))
    if not case.get("signed"):
        for signature in ("", "AA", b64(b"\0" * 64), b64(hashlib.sha512(claims).digest())):
            refused(await ask(app, f"{b64(header)}.{b64(claims)}.{signature}"))


async def test_reading_a_hostile_token_is_quick(app: App) -> None:
    claims = b"[]" * 101 + b'"' + b'\\"' * 5_500
    token = f"{b64(b'{}')}.{b64(claims)}.AA"
    started = time.perf_counter()

    for _ in range(20):
        refused(await ask(app, token))

    assert time.perf_counter() - started < 3


@pytest.mark.parametrize("text", cases("token_texts"), ids=lambda text: ascii(text)[:40])
async def test_a_text_that_is_no_token_is_refused(app: App, text: str) -> None:
    refused(await ask(app, expand(text)))


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Basic dGVzdDp0ZXN0",
        "Token x",
        "bearer",
        "\u00a0",
        "Digest x",
        "Bearer\tx",
    ],
)
async def test_a_header_without_a_bearer_token_is_refused(app: App, header: str) -> None:
    message = refused(await app.http.request("GET", "/self", headers={b"authorization": header.encode()}))

    assert "Authorization: Bearer" in message


async def test_no_header_is_refused_with_what_to_send(app: App) -> None:
    assert "Authorization: Bearer" in refused(await app.http.request("GET", "/self"))


async def test_a_token_counts_in_the_header_only(app: App) -> None:
    token = mint(app.key, app.secret)

    for query in (f"?token={token}", f"?access_token={token}", f"?authorization=Bearer%20{token}"):
        refused(await app.http.request("GET", f"/self{query}", headers={"cookie": f"token={token}", "x-token": token}))


async def test_a_changed_token_is_refused(app: App) -> None:
    token = mint(app.key, app.secret, "acme")
    header, claims, signature = token.split(".")
    promoted = b64(json.dumps({"iss": app.key, "isAdmin": True}).encode())
    changed = {
        f"{header}.{promoted}.{signature}",
        f"{b64(b'{}')}.{claims}.{signature}",
        f"{header}.{claims}.{signature[:-8]}",
        f"{header}.{claims}.{signature}AAAA",
        f"{header}.{claims}.{signature[::-1]}",
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{header}..{signature}",
        f".{claims}.{signature}",
        f"{token}.",
        f"{token}.{signature}",
        f"{token}.AA.AA",
        token[:-20],
        token.swapcase(),
        token[1:],
    }

    assert (await ask(app, token)).status_code == 200
    for each in changed:
        refused(await ask(app, each))


async def test_another_algorithm_of_the_same_secret_is_another_signature(app: App) -> None:
    claims = b'{"iss":"%s","isAdmin":true}' % app.key.encode()
    for named in HASHES:
        for used, hashed in HASHES.items():
            answer = await ask(app, signed(b'{"alg":"%s"}' % named.encode(), claims, app.secret.encode(), hashed))
            assert answer.status_code == (200 if named == used else 401)


async def test_another_workspaces_secret_opens_nothing_here(app: App) -> None:
    other = await app.services.workspaces.create("Other")

    refused(await ask(app, mint(app.key, other.secret)))
    refused(await ask(app, mint(other.key, app.secret)))
    assert (await app.bearing(mint(other.key, other.secret)).get("/self"))["workspaceKey"] == other.key


@pytest.mark.parametrize("secret", ["", "secret", "test", "null", "\0", "0" * 64])
async def test_a_guessed_secret_is_refused(app: App, secret: str) -> None:
    claims = b'{"iss":"%s","isAdmin":true}' % app.key.encode()

    refused(await ask(app, signed(b'{"alg":"HS512"}', claims, secret.encode())))


async def test_the_sealed_secret_in_the_database_signs_nothing(app: App) -> None:
    kept = await app.services.workspaces.get(app.key)

    refused(await ask(app, mint(app.key, kept.secret)))


async def test_an_archived_customer_is_known_and_denied(app: App) -> None:
    await app.customer("acme").get("/self")
    await app.admin.delete("/customers/acme")

    assert (await app.customer("acme").get("/self", status=403))["key"] == "access_denied"


# --- Registered keys


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_registered_key_lets_in_until_it_is_removed(app: App, algorithm: str) -> None:
    token = signed_by(app, algorithm)
    refused(await ask(app, token))

    await app.services.workspaces.add_public_key(app.key, "main", pem(private_key(algorithm)))
    assert (await ask(app, token)).json()["internalId"] == "acme"

    await app.services.workspaces.remove_public_key(app.key, "main")
    refused(await ask(app, token))


async def test_every_registered_key_counts(app: App) -> None:
    keys = {"one": rsa_key(), "two": rsa_key(1), "three": private_key("ES256"), "four": private_key("ES384")}
    for name, key in keys.items():
        await app.services.workspaces.add_public_key(app.key, name, pem(key))

    for key, algorithm in ((rsa_key(), "RS256"), (rsa_key(1), "PS512")):
        assert (await ask(app, signed_by(app, algorithm, key))).status_code == 200
    for algorithm in ("ES256", "ES384"):
        assert (await ask(app, signed_by(app, algorithm))).status_code == 200
    refused(await ask(app, signed_by(app, "RS256", rsa_key(2))))
    refused(await ask(app, signed_by(app, "ES512")))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_signature_under_another_algorithms_name_is_refused(app: App, algorithm: str) -> None:
    for name in ("RS256", *CURVES):
        await app.services.workspaces.add_public_key(app.key, name, pem(private_key(name)))
    _, claims, signature = signed_by(app, algorithm).split(".")

    for name in (*ALGORITHMS, *HASHES, "none", "EdDSA"):
        if name != algorithm:
            refused(await ask(app, f"{b64(json.dumps({'alg': name}).encode())}.{claims}.{signature}"))


@pytest.mark.parametrize("algorithm", list(HASHES))
async def test_a_public_key_is_no_secret(app: App, algorithm: str) -> None:
    claims = b'{"iss":"%s","isAdmin":true}' % app.key.encode()
    for key in (rsa_key(), private_key("ES256")):
        await app.services.workspaces.add_public_key(app.key, "main", pem(key))
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        text = pem(key)
        for secret in (
            text.encode(),
            text.strip().encode(),
            text.replace("\n", "\r\n").encode(),
            der,
            b64(der).encode(),
        ):
            token = signed(b'{"alg":"%s"}' % algorithm.encode(), claims, secret, HASHES[algorithm])
            refused(await ask(app, token))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
async def test_a_key_that_the_token_brings_along_opens_nothing(app: App, algorithm: str) -> None:
    await app.services.workspaces.add_public_key(app.key, "main", pem(rsa_key(1)))
    key = private_key(algorithm)

    with stub() as elsewhere:
        elsewhere.publish(jwk(key, kid="a"))
        for header in ({"jwk": jwk(key)}, {"jku": elsewhere.url}, {"x5u": elsewhere.url}, {"x5c": [pem(key)]}):
            token = jwt.encode({"iss": app.key, "isAdmin": True}, key, algorithm, headers={"kid": "a", **header})
            refused(await ask(app, token))
        assert elsewhere.hits == 0


@pytest.mark.parametrize(
    "kid", ["../../../dev/null", "' UNION SELECT 'x", "\0", "x" * 9_000, "main", "", "é", "|/bin/sh"]
)
async def test_a_key_id_chooses_no_file_and_no_row(app: App, kid: str) -> None:
    claims = b'{"iss":"%s","isAdmin":true}' % app.key.encode()
    for secret in (b"", b"x", b"\0"):
        refused(
            await ask(app, signed(json.dumps({"alg": "HS256", "kid": kid}).encode(), claims, secret, hashlib.sha256))
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ],
)
async def test_what_is_no_public_key_is_not_registered(app: App, text: str) -> None:
    with pytest.raises(Exception, match="public key"):
        await app.services.workspaces.add_public_key(app.key, "main", text)

    assert (await app.services.workspaces.get(app.key)).settings.public_keys == []


async def test_a_private_key_is_not_registered(app: App) -> None:
    private = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(Exception, match="public key"):
        await app.services.workspaces.add_public_key(app.key, "main", private)


# --- Published keys


@dataclass
class Stub:
    """A server that publishes keys, or whatever a test wants it to answer."""

    url: str = ""
    content: bytes = b""
    status: int = 200
    hits: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def publish(self, *keys: dict[str, Any]) -> None:
        """Answer these keys from now on."""
        self.content = json.dumps({"keys": keys}).encode()


@contextmanager
def stub() -> Generator[Stub]:
    """A running stub on a free port."""
    served = Stub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.hits += 1
            self.send_response(served.status)
            for name, value in {**served.headers, "content-length": str(len(served.content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(served.content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        served.url = f"http://127.0.0.1:{running.server_address[1]}/keys"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            running.shutdown()
            thread.join()


@contextmanager
def served_keys(*keys: dict[str, Any]) -> Generator[Stub]:
    """A stub that publishes keys."""
    with stub() as running:
        running.publish(*keys)
        yield running


async def publishing(app: App, url: str) -> None:
    """Name the address of the workspace's published keys."""
    await app.services.workspaces.configure(app.key, jwks_uri=url)


def allowing(served: Stub) -> dict[str, Any]:
    """Settings that let the server call a stub and read it anew each time."""
    return {"outgoing_allow": served.url.split("/")[2], "jwks_max_age_seconds": 0.0}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_published_key_lets_in(tmp_path: Path, algorithm: str) -> None:
    key = private_key(algorithm)
    with served_keys(jwk(rsa_key(1), kid="other"), jwk(key, kid="main")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)

            assert (await ask(app, signed_by(app, algorithm, key, kid="main"))).status_code == 200
            assert (await ask(app, signed_by(app, algorithm, key))).status_code == 200
            refused(await ask(app, signed_by(app, algorithm, key, kid="other")))
            refused(await ask(app, signed_by(app, algorithm, key, kid="none")))


async def test_keys_are_not_fetched_from_a_private_address_that_is_not_allowed(tmp_path: Path) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path) as app:
            await publishing(app, served.url)

            message = refused(await ask(app, signed_by(app, "RS256", kid="main")))

            assert "127.0.0.1" not in message, "a stranger learns nothing about inner addresses"
            assert served.hits == 0


async def test_a_key_that_is_not_published_any_more_opens_nothing(tmp_path: Path) -> None:
    with served_keys(jwk(rsa_key(), kid="old")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)
            assert (await ask(app, signed_by(app, "RS256", kid="old"))).status_code == 200

            served.publish(jwk(rsa_key(1), kid="new"))

            assert (await ask(app, signed_by(app, "RS256", rsa_key(1), kid="new"))).status_code == 200
            refused(await ask(app, signed_by(app, "RS256", kid="old")))
            refused(await ask(app, signed_by(app, "RS256", kid="new")))


async def test_a_forgotten_key_address_opens_nothing_at_once(tmp_path: Path) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)
            token = signed_by(app, "RS256", kid="main")
            assert (await ask(app, token)).status_code == 200

            await app.services.workspaces.configure(app.key, jwks_uri=None)

            refused(await ask(app, token))


async def test_published_keys_are_those_of_their_workspace_only(tmp_path: Path) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            other = await app.services.workspaces.create("Other")
            await app.services.workspaces.configure(other.key, jwks_uri=served.url)

            refused(await ask(app, signed_by(app, "RS256", kid="main")))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"5",
        b'"x"',
        b"{}",
        b'{"keys":5}',
        b'{"keys":null}',
        b'{"keys":{}}',
        b'{"keys":["x",5,null,[],{}]}',
        b'{"keys":[{"kty":5}]}',
        b'{"keys":[{"kty":"RSA","n":5,"e":"AQAB"}]}',
        b'{"keys":[{"kty":"RSA","n":"","e":""}]}',
        b'{"keys":[{"kty":"RSA","alg":"none","kid":"main"}]}',
        b'{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"main"}]}',
        b'{"keys":[{"kty":"oct","k":"AAAA","kid":"main","alg":"RS256"}]}',
        b"[" * 100_000,
        b"x" * 2_000_000,
        b"<html>",
        b"\xff",
    ],
    ids=lambda content: ascii(content[:50]),
)
async def test_what_is_no_key_set_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    with stub() as served:
        served.content = content
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)

            message = refused(await ask(app, signed_by(app, "RS256", kid="main")))

            assert served.url not in message
            assert (await ask(app, mint(app.key, app.secret))).status_code == 200


@pytest.mark.parametrize(
    "extra", [{"alg": "none"}, {"alg": 5}, {"alg": "ES256"}, {"kty": "EC"}, {"use": "enc", "alg": "dir"}]
)
async def test_a_published_key_with_wrong_properties_is_no_crash(tmp_path: Path, extra: dict[str, Any]) -> None:
    with served_keys(jwk(rsa_key(), kid="main", **extra)) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)

            refused(await ask(app, signed_by(app, "RS256", kid="main")))


async def test_a_bad_key_in_a_set_does_not_spoil_the_good_ones(tmp_path: Path) -> None:
    bad: list[Any] = [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "future"}, {"kty": "oct", "k": "AA"}]
    with served_keys(*bad, jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)

            assert (await ask(app, signed_by(app, "RS256", kid="main"))).status_code == 200


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404, 500])
async def test_keys_that_are_not_answered_let_nobody_in(tmp_path: Path, status: int) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served, served_keys(jwk(rsa_key(), kid="main")) as elsewhere:
        served.status, served.headers = status, {"location": elsewhere.url}
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)

            refused(await ask(app, signed_by(app, "RS256", kid="main")))

            assert elsewhere.hits == 0, "no redirect is followed"


async def test_strangers_cannot_make_the_server_call_others_as_often_as_they_like(tmp_path: Path) -> None:
    with stub() as served:
        async with open_app(tmp_path, outgoing_allow=served.url.split("/")[2]) as app:
            await publishing(app, served.url)

            for answer in await asyncio.gather(*(ask(app, signed_by(app, "RS256", kid=f"k{n}")) for n in range(20))):
                refused(answer)

            assert served.hits <= 2


async def test_unknown_key_ids_do_not_make_the_server_read_a_good_set_again_and_again(tmp_path: Path) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path, outgoing_allow=served.url.split("/")[2]) as app:
            await publishing(app, served.url)

            for number in range(10):
                refused(await ask(app, signed_by(app, "RS256", kid=f"k{number}")))

            assert served.hits <= 2


@pytest.mark.parametrize("algorithm", ["none", "", "EdDSA", "HS512", "dir", "RS255"])
async def test_no_key_set_is_fetched_for_an_algorithm_it_cannot_serve(tmp_path: Path, algorithm: str) -> None:
    with served_keys(jwk(rsa_key(), kid="main")) as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            await publishing(app, served.url)
            header = json.dumps({"alg": algorithm, "kid": "main"}).encode()

            refused(await ask(app, signed(header, b'{"iss":"%s","isAdmin":true}' % app.key.encode(), b"x")))

            assert served.hits == 0


# --- Rotation, expiry, and what is remembered


async def test_a_new_secret_ends_every_old_token_at_once(app: App) -> None:
    old = [mint(app.key, app.secret), mint(app.key, app.secret, "acme", algorithm="HS256")]
    for token in old:
        assert (await ask(app, token)).status_code == 200

    changed = await app.services.workspaces.rotate_secret(app.key)

    for token in (*old, mint(app.key, app.secret)):
        refused(await ask(app, token))
    assert (await ask(app, mint(app.key, changed.secret))).status_code == 200


async def test_a_workspace_can_refuse_its_secrets_tokens(app: App) -> None:
    await app.services.workspaces.add_public_key(app.key, "main", pem(rsa_key()))
    token = mint(app.key, app.secret)
    assert (await ask(app, token)).status_code == 200

    await app.services.workspaces.configure(app.key, disable_secret_key_auth=True)

    refused(await ask(app, token))
    for algorithm in HASHES:
        refused(await ask(app, mint(app.key, app.secret, algorithm=algorithm)))
    assert (await ask(app, signed_by(app, "RS256"))).status_code == 200

    await app.services.workspaces.configure(app.key, disable_secret_key_auth=False)
    assert (await ask(app, token)).status_code == 200


def test_another_process_ends_tokens_of_a_running_server_at_once(server: Server) -> None:
    key, secret = server.create_workspace("Rotated")
    token = mint(key, secret)

    def status(bearer: str) -> int:
        with httpx2.Client(base_url=server.url, headers={"authorization": f"Bearer {bearer}"}) as client:
            answer = client.get("/self")
            if answer.status_code != 200:
                refused(answer)
            return answer.status_code

    def command(*arguments: str) -> dict[str, Any]:
        return json.loads(server.command("workspace", *arguments, "--json").stdout)

    assert status(token) == 200
    command("configure", key, "--no-secret-key-auth")
    assert status(token) == 401
    command("configure", key, "--secret-key-auth")
    assert status(token) == 200
    changed = command("rotate-secret", key)
    assert status(token) == 401
    assert status(mint(key, changed["secret"])) == 200


def workspace(**settings: Any) -> Workspace:
    """A workspace as the verifier sees it."""
    return Workspace(id="0" * 24, key="test", name="Test", settings=WorkspaceSettings(**settings), secret="sealed")


async def nothing(uri: str) -> bytes:
    """No published keys."""
    raise AssertionError(uri)


async def test_a_remembered_token_ends_when_it_expires() -> None:
    now = int(time.time())
    clock = [float(now)]
    secret = "s" * 64
    verifier = TokenVerifier(PublishedKeys(nothing, 60), 10, now=lambda: clock[0])
    token = mint("test", secret, "acme", exp=now + 60)

    for clock[0] in (now, now + 59.9):
        assert (await verifier.verify(token, workspace(), lambda: secret))["id"] == "acme"

    for clock[0] in (now + 60, now + 61, now + 10**9):
        with pytest.raises(NotAuthenticated, match="expired"):
            await verifier.verify(token, workspace(), lambda: secret)


async def test_only_so_many_tokens_are_remembered_and_no_refused_one() -> None:
    opened: list[int] = []
    secret = "s" * 64

    def open_secret() -> str:
        opened.append(1)
        return secret

    async def opens(tokens: Iterable[str]) -> int:
        opened.clear()
        for token in tokens:
            await verifier.verify(token, workspace(), open_secret)
        return len(opened)

    verifier = TokenVerifier(PublishedKeys(nothing, 60), 3)
    tokens = [mint("test", secret, f"customer-{number}") for number in range(4)]

    assert await opens(tokens[:3]) == 3
    assert await opens(tokens[:3]) == 0
    assert await opens([tokens[3], tokens[2], tokens[1]]) == 1
    assert await opens([tokens[0]]) == 1
    for _ in "12":
        opened.clear()
        with pytest.raises(NotAuthenticated):
            await verifier.verify(mint("test", "x" * 64), workspace(), open_secret)
        assert opened


async def test_what_one_key_verified_is_not_remembered_for_another() -> None:
    secrets = {"sealed-1": "a" * 64, "sealed-2": "b" * 64}
    verifier = TokenVerifier(PublishedKeys(nothing, 60), 10)
    token = mint("test", secrets["sealed-1"], "acme")
    first, second = (msgspec.structs.replace(workspace(), secret=sealed) for sealed in secrets)
    await verifier.verify(token, first, lambda: secrets[first.secret])

    for other in (
        second,
        msgspec.structs.replace(first, id="1" * 24, secret="sealed-2"),
        workspace(disable_secret_key_auth=True),
    ):
        with pytest.raises(NotAuthenticated):
            await verifier.verify(token, other, lambda: secrets["sealed-2"])


async def test_tokens_do_not_mix_when_they_come_together(app: App) -> None:
    other = await app.services.workspaces.create("Other")
    names = [f"customer-{number}" for number in range(20)]

    answers = await asyncio.gather(
        *(
            ask(app, mint(key, secret, name))
            for name in names
            for key, secret in ((app.key, app.secret), (other.key, other.secret))
        )
    )

    found = [(answer.json()["workspaceKey"], answer.json()["internalId"]) for answer in answers]
    assert found == [(key, name) for name in names for key in (app.key, other.key)]
    assert len({answer.json()["id"] for answer in answers}) == 40


async def test_a_registered_key_is_enough_while_the_published_ones_cannot_be_read(tmp_path: Path) -> None:
    with stub() as served:
        async with open_app(tmp_path, **allowing(served)) as app:
            served.content = b"no key set"
            await publishing(app, served.url)
            await app.services.workspaces.add_public_key(app.key, "backend", pem(private_key("ES256")))

            assert (await ask(app, signed_by(app, "ES256"))).status_code == 200
