"""How clients show who they are."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from kernel.errors import InvalidRequest
from kernel.storage import Store
from services.auth.oauth_clients import assertions, public_keys
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import AuthMethod, ClientCredentials, OAuthClient
from services.auth.oauth_clients.repository import DYNAMIC_CLIENTS
from tests.services.auth.oauth_clients import harness as given
from tests.services.auth.oauth_clients.harness import ISSUER, JWKS, SECRET, basic, call, signed
from tests.support.clock import START, FixedClock

Authenticate = Callable[..., Any]


@pytest.fixture
def authenticate(authentication: ClientAuthentication) -> Authenticate:
    """Authenticates by a header and the parameters of a form."""

    async def authenticate(authorization: str = "", **form: str) -> OAuthClient:
        return await authentication.authenticate(call(authorization), ClientCredentials(**form))

    return authenticate


def with_keys(**values: Any) -> OAuthClient:
    """A client that signs assertions with `KEY`."""
    return given.client(
        **{"auth_method": AuthMethod.PRIVATE_KEY_JWT, "jwks": public_keys.read(JWKS), **values}
    )


async def test_a_public_client_is_known_by_its_id(store: Store, authenticate: Authenticate) -> None:
    """A public client has nothing to show; the built-in ones are public."""
    public = await given.put(store, given.client())
    assert await authenticate(client_id=public.client_id) == public
    assert (await authenticate(client_id="coditect-cli")).is_built_in


async def test_a_public_client_with_an_empty_secret(
    store: Store, authenticate: Authenticate
) -> None:
    """Some libraries send the header with an empty secret for a client that has none."""
    assert (await authenticate(basic("coditect-cli", ""))).client_id == "coditect-cli"
    confidential = await given.put(store, given.with_secret())
    with pytest.raises(InvalidClient):
        await authenticate(basic(confidential.client_id, ""))


async def test_a_secret_in_the_header(store: Store, authenticate: Authenticate) -> None:
    """The id and the secret are encoded as in a form before they are joined."""
    client = await given.put(store, given.with_secret())
    assert await authenticate(basic(client.client_id)) == client
    assert await authenticate(basic(client.client_id), client_id=client.client_id) == client
    assert await authenticate(basic(client.client_id).replace("Basic", "bASIC")) == client


async def test_a_secret_in_the_form(store: Store, authenticate: Authenticate) -> None:
    """A client that is registered for it sends the secret beside its id."""
    client = await given.put(store, given.with_secret(AuthMethod.POST))
    assert await authenticate(client_id=client.client_id, client_secret=SECRET) == client


async def test_every_client_has_one_method(store: Store, authenticate: Authenticate) -> None:
    """The right proof in another way than the registered one is no proof, and neither is none."""
    by_header = await given.put(store, given.with_secret())
    by_form = await given.put(store, given.with_secret(AuthMethod.POST))
    by_key = await given.put(store, with_keys(secrets=by_header.secrets))
    public = await given.put(store, given.client(secrets=by_header.secrets))
    attempts: list[tuple[str, dict[str, str]]] = [
        ("", {"client_id": by_header.client_id, "client_secret": SECRET}),
        (basic(by_form.client_id), {}),
        (basic(by_key.client_id), {}),
        (basic(public.client_id), {}),
        *(("", {"client_id": one.client_id}) for one in (by_header, by_form, by_key)),
    ]
    for header, form in attempts:
        with pytest.raises(InvalidClient):
            await authenticate(header, **form)


async def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(
    store: Store, authenticate: Authenticate
) -> None:
    """The answer does not say whether there is such a client."""
    client = await given.put(store, given.with_secret())
    answers = []
    for attempt in (basic(client.client_id, "wrong"), basic(str(uuid4())), basic("coditect-cli")):
        with pytest.raises(InvalidClient) as refused:
            await authenticate(attempt)
        answers.append((refused.value.reason, refused.value.metadata, refused.value.message))
    assert len({str(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bm8gY29sb24=",
        "Basic gICAgDpz",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Digest a:b",
        "Basic " + "A" * 8_000,
    ],
)
async def test_a_header_that_is_no_secret(header: str, authenticate: Authenticate) -> None:
    """A header that cannot be read shows no client."""
    with pytest.raises(InvalidClient):
        await authenticate(header)


async def test_one_proof_at_a_time(store: Store, authenticate: Authenticate) -> None:
    """A request with two proofs is refused, however good they are (RFC 6749, section 2.3)."""
    client = await given.put(store, given.with_secret())
    assertion = signed(given.claims(client.client_id))
    for header, form in (
        (basic(client.client_id), {"client_id": client.client_id, "client_secret": SECRET}),
        (basic(client.client_id), {"client_assertion": assertion.client_assertion}),
        ("", {"client_secret": SECRET, "client_assertion": assertion.client_assertion}),
    ):
        with pytest.raises(InvalidRequest):
            await authenticate(header, **form)


async def test_the_form_must_not_name_another_client(
    store: Store, authenticate: Authenticate
) -> None:
    """A client that has shown who it is acts for no other one."""
    client, other = [await given.put(store, given.with_secret()) for _ in range(2)]
    with pytest.raises(InvalidClient):
        await authenticate(basic(client.client_id), client_id=other.client_id)
    keys = await given.put(store, with_keys())
    assertion = signed(given.claims(keys.client_id))
    with pytest.raises(InvalidClient):
        await authenticate(
            client_id=other.client_id,
            client_assertion=assertion.client_assertion,
            client_assertion_type=assertions.TYPE,
        )


async def test_an_old_secret_is_good_until_its_end(
    store: Store, clock: FixedClock, authenticate: Authenticate
) -> None:
    """A secret that another one has replaced may be used for the time that was asked for."""
    client = given.with_secret()
    old = client.secrets[0]._replace(expire_time=START + timedelta(minutes=1))
    new = old._replace(digest=b"x" * 32, expire_time=None)
    await given.put(store, replace(client, secrets=(old, new)))
    await authenticate(basic(client.client_id))
    clock.advance(seconds=61)
    with pytest.raises(InvalidClient):
        await authenticate(basic(client.client_id))


# ── private_key_jwt ───────────────────────────────────────────────────────────────────────────────


async def test_an_assertion_is_good_once(
    store: Store, authentication: ClientAuthentication
) -> None:
    """The client is known by what its key has signed; the same assertion again is refused."""
    client = await given.put(store, with_keys())
    assertion = signed(given.claims(client.client_id))
    assert await authentication.authenticate(call(), assertion) == client
    with pytest.raises(InvalidClient):
        await authentication.authenticate(call(), assertion)


async def test_an_assertion_is_good_once_of_many_at_the_same_time(
    store: Store, authentication: ClientAuthentication
) -> None:
    """Of equal assertions at the same time one is taken."""
    client = await given.put(store, with_keys())
    assertion = signed(given.claims(client.client_id))
    tries = [authentication.authenticate(call(), assertion) for _ in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert answers.count(client) == 1
    assert sum(isinstance(answer, InvalidClient) for answer in answers) == 7


async def test_ids_of_assertions_are_the_clients_own(
    store: Store, authentication: ClientAuthentication
) -> None:
    """Another client may use an id that one has used."""
    for client in (with_keys(), with_keys()):
        await given.put(store, client)
        assertion = signed(given.claims(client.client_id, jti="1"))
        assert await authentication.authenticate(call(), assertion) == client


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth/token", [f"{ISSUER}/oauth/par"]])
async def test_an_assertion_names_this_server(
    audience: Any, store: Store, authentication: ClientAuthentication
) -> None:
    """By its issuer, or by an endpoint."""
    client = await given.put(store, with_keys())
    await authentication.authenticate(call(), signed(given.claims(client.client_id, aud=audience)))


SECOND = int(START.timestamp())


@pytest.mark.parametrize(
    "endpoint", ["token", "par", "device_authorization", "revoke", "introspect"]
)
async def test_the_assertions_of_a_common_library(
    endpoint: str, store: Store, authentication: ClientAuthentication
) -> None:
    """Authlib names the endpoint that it calls, and its assertions end in an hour."""
    client = await given.put(store, with_keys())
    text = private_key_jwt_sign(
        given.KEY, client.client_id, f"{ISSUER}/oauth/{endpoint}", "ES256", issued_at=SECOND
    )
    shown = ClientCredentials(client_assertion_type=assertions.TYPE, client_assertion=text)
    assert await authentication.authenticate(call(), shown) == client


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://other.example"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": []},
        {"aud": None},
        {"aud": 1},
        {"iss": "coditect-cli"},
        {"iss": None},
        {"exp": None},
        {"exp": SECOND - 6},
        {"exp": SECOND + 3_606},
        {"exp": float("nan")},
        {"exp": 10**30},
        {"exp": True},
        {"exp": str(SECOND + 60)},
        {"iat": SECOND + 6},
        {"nbf": SECOND + 6},
        {"jti": None},
        {"jti": ""},
        {"jti": 1},
        {"jti": "x" * 256},
        {"sub": None},
        {"sub": 1},
        {"sub": str(uuid4())},
    ],
)
async def test_an_assertion_with_a_wrong_claim_is_refused(
    wrong: dict[str, Any], store: Store, authentication: ClientAuthentication
) -> None:
    """Each claim must be there, of the right type, for this server, of this client and short-lived."""
    client = await given.put(store, with_keys())
    claims = given.claims(client.client_id, **wrong)
    with pytest.raises(InvalidClient):
        await authentication.authenticate(call(), signed(claims))


@pytest.mark.parametrize("claim", ["jti", "sub"])
async def test_half_a_character_in_a_claim_is_refused(
    claim: str, store: Store, authentication: ClientAuthentication
) -> None:
    """JSON can write a surrogate alone, and no digest and no key of the store takes it."""
    client = await given.put(store, with_keys())
    claims = json.dumps(given.claims(client.client_id, **{claim: "\ud800"}))
    text = jws.serialize_compact({"alg": "ES256", "kid": "one"}, claims, given.KEY, ["ES256"])
    shown = ClientCredentials(client_assertion_type=assertions.TYPE, client_assertion=text)
    with pytest.raises(InvalidClient):
        await authentication.authenticate(call(), shown)


@pytest.mark.filterwarnings("ignore:JWS algorithm")
async def test_only_the_clients_own_key_signs(
    store: Store, authentication: ClientAuthentication
) -> None:
    """Another key, no signature, the public key as a secret, and a key in the header are refused."""
    client = await given.put(store, with_keys())
    claims = given.claims(client.client_id)
    stranger = ECKey.generate_key("P-256", parameters={"kid": "one"})
    public = JWKS["keys"][0]
    confused = OctKey.import_key(str(public["x"]))
    for attempt in (
        signed(claims, stranger),
        signed(claims, stranger, kid="one"),
        signed(claims, stranger, jwk=stranger.as_dict(private=False)),
        signed(claims, confused, "HS256"),
        signed(claims, None, "none"),
    ):
        with pytest.raises(InvalidClient):
            await authentication.authenticate(call(), attempt)


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * 5_000, "e30.e30.", "eyJhbGciOiJFUzI1NiJ9..x"])
async def test_an_assertion_that_is_none(text: str, authenticate: Authenticate) -> None:
    """A text that is no JWT shows no client."""
    with pytest.raises(InvalidClient):
        await authenticate(client_assertion_type=assertions.TYPE, client_assertion=text)


async def test_an_assertion_of_another_type(store: Store, authenticate: Authenticate) -> None:
    """The type of the assertion must be that of a JWT."""
    client = await given.put(store, with_keys())
    text = signed(given.claims(client.client_id)).client_assertion
    for kind in ("", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        with pytest.raises(InvalidClient):
            await authenticate(client_assertion_type=kind, client_assertion=text)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-384"), "ES384"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (RSAKey.generate_key(2048), "RS256"),
        (RSAKey.generate_key(2048), "PS256"),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA")
async def test_the_kinds_of_keys(
    key: Any, algorithm: str, store: Store, authentication: ClientAuthentication
) -> None:
    """Clients may have keys of elliptic curves, Ed25519 and RSA."""
    keys = public_keys.read({"keys": [key.as_dict(private=False)]})
    client = await given.put(store, with_keys(jwks=keys))
    assertion = signed(given.claims(client.client_id), key, algorithm)
    assert await authentication.authenticate(call(), assertion) == client


async def test_one_of_several_keys(store: Store, authentication: ClientAuthentication) -> None:
    """With several keys the assertion says which one has signed it."""
    second = OKPKey.generate_key("Ed25519", parameters={"kid": "two"})
    keys = public_keys.read({"keys": [*JWKS["keys"], second.as_dict(private=False)]})
    client = await given.put(store, with_keys(jwks=keys))
    good = signed(given.claims(client.client_id), second, "Ed25519", kid="two")
    assert await authentication.authenticate(call(), good) == client
    for wrong in ({}, {"kid": "one"}, {"kid": "three"}):
        assertion = signed(given.claims(client.client_id), second, "Ed25519", **wrong)
        with pytest.raises(InvalidClient):
            await authentication.authenticate(call(), assertion)


# ── the life of dynamic clients ───────────────────────────────────────────────────────────────────


async def test_a_dynamic_client_lives_as_long_as_it_is_used(
    store: Store, clock: FixedClock, authenticate: Authenticate
) -> None:
    """A use moves its end, once a day at most; without a use it is unknown after thirty days."""
    client = await given.put(store, given.dynamic_client())

    async def end() -> Any:
        found = await store.read(lambda tx: DYNAMIC_CLIENTS.get(tx, given.uuid_of(client)))
        return found and found.expire_time

    clock.advance(seconds=3600)
    await authenticate(client_id=client.client_id)
    assert await end() == client.expire_time
    clock.advance(seconds=29 * 86_400)
    await authenticate(client_id=client.client_id)
    assert await end() == clock.now() + timedelta(days=30)
    clock.advance(seconds=30 * 86_400)
    with pytest.raises(InvalidClient):
        await authenticate(client_id=client.client_id)


def test_the_harness_makes_what_a_library_reads() -> None:
    """The assertions of these tests are JWTs that the library accepts."""
    text = signed(given.claims("x")).client_assertion
    assert jwt.decode(text, given.KEY, ["ES256"]).claims["sub"] == "x"
