"""Two changes at once: neither undoes the other."""

import asyncio

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.app import App
from support.tokens import mint


def public_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_a_token_that_is_seen_while_its_customer_is_archived_does_not_bring_it_back(app: App) -> None:
    for number in range(10):
        name = f"c{number}"
        await app.customer(name).get("/self")

        await asyncio.gather(
            app.admin.delete(f"/customers/{name}"),
            app.customer(name, name="A new name").request("GET", "/self"),
            app.customer(name, name="Another").request("GET", "/self"),
        )

        assert "archivedAt" in await app.admin.get(f"/customers/{name}")


async def test_a_token_does_not_undo_what_an_admin_changes_meanwhile(app: App) -> None:
    await app.customer("acme").get("/self")

    await asyncio.gather(
        app.admin.patch("/customers/acme", {"meta": {"tier": 1}}),
        app.customer("acme", fields={"plan": "pro"}).get("/self"),
    )

    kept = await app.admin.get("/customers/acme")
    assert (kept["meta"], kept["fields"]) == ({"tier": 1}, {"plan": "pro"})


async def test_a_customer_first_met_by_two_tokens_has_the_claims_of_both(app: App) -> None:
    await asyncio.gather(
        app.customer("acme", name="Acme").get("/self"), app.customer("acme", fields={"plan": "pro"}).get("/self")
    )

    kept = await app.admin.get("/customers/acme")
    assert (kept["name"], kept["fields"]) == ("Acme", {"plan": "pro"})


async def test_a_rotated_secret_stays_rotated_whatever_else_is_changed(app: App) -> None:
    workspaces = app.services.workspaces

    rotated, *_ = await asyncio.gather(
        workspaces.rotate_secret(app.key),
        workspaces.configure(app.key, jwks_uri="https://login.example.com/keys"),
        workspaces.add_public_key(app.key, "a", public_pem()),
        workspaces.add_public_key(app.key, "b", public_pem()),
    )

    kept = await workspaces.get(app.key)
    assert {key.name for key in kept.settings.public_keys} == {"a", "b"}
    assert kept.settings.jwks_uri == "https://login.example.com/keys"
    assert (await app.bearing(mint(app.key, rotated.secret)).get("/self"))["isAdmin"] is True
    await app.admin.get("/self", status=401)
