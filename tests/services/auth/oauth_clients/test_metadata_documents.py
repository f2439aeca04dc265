"""Clients with a document under their id."""

import asyncio
import json
from typing import Any

import pytest

from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.metadata_documents import (
    DocumentInvalid,
    Fetched,
    MetadataDocuments,
    NotAnswered,
    NotFetched,
    client_of_document,
    is_document_id,
)
from services.auth.oauth_clients.model import AuthMethod, ClientOrigin, GrantType
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth_clients.harness import JWKS
from tests.support.clock import FixedClock

URL = "https://editor.example.com/oauth/client.json"


def document(**given: Any) -> bytes:
    """A good document, except for the given members; None leaves one out."""
    members: dict[str, Any] = {
        "client_id": URL,
        "client_name": "Editor",
        "redirect_uris": ["http://127.0.0.1/callback"],
        **given,
    }
    return json.dumps({name: one for name, one in members.items() if one is not None}).encode()


class Fetches:
    """Gives what a test has set.

    Attributes:
        answer: The document; None for none.
        error: What is raised where there is none.
        pause: Set unless an answer is to wait.
        asked: The URLs that were asked for.
    """

    def __init__(self) -> None:
        self.answer: Fetched | None = Fetched(document(), None)
        self.error: type[NotFetched] = NotFetched
        self.asked: list[str] = []
        self.pause = asyncio.Event()
        self.pause.set()

    async def fetch(self, url: str) -> Fetched:
        """The document of the test."""
        self.asked.append(url)
        await self.pause.wait()
        if self.answer is None:
            raise self.error
        return self.answer


@pytest.fixture
def fetches() -> Fetches:
    """What fetches the documents."""
    return Fetches()


@pytest.fixture
def documents(fetches: Fetches, clock: FixedClock) -> MetadataDocuments:
    """The clients with a document."""
    return MetadataDocuments(clock, fetches)


async def test_a_client_with_a_document(harness: AuthHarness, documents: MetadataDocuments) -> None:
    """It is public, is bound to no tenant, and its host can be shown to the user."""
    client = await OAuthClients(harness.runtime, documents).find(URL)
    assert (client.client_id, client.name, client.host) == (URL, "Editor", "editor.example.com")
    assert (client.origin, client.auth_method) == (ClientOrigin.DOCUMENT, AuthMethod.NONE)
    assert client.grant_types == {GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}
    assert client.tenant_id is None


async def test_documents_are_off_by_default(harness: AuthHarness) -> None:
    """Then a URL is an unknown client, and nothing is fetched."""
    with pytest.raises(InvalidClient):
        await OAuthClients(harness.runtime).find(URL)


@pytest.mark.parametrize(
    ("max_age", "seconds"),
    [(None, 3600), (0, 300), (7200, 7200), (10**8, 86_400)],
)
async def test_a_document_is_kept_for_a_while(
    max_age: int | None,
    seconds: int,
    documents: MetadataDocuments,
    fetches: Fetches,
    clock: FixedClock,
) -> None:
    """As long as its server says, within limits."""
    fetches.answer = Fetched(document(), max_age)
    await documents.find(URL)
    clock.advance(seconds=seconds - 1)
    await documents.find(URL)
    assert len(fetches.asked) == 1
    clock.advance(seconds=1)
    fetches.answer = Fetched(document(client_name="Other"), None)
    found = await documents.find(URL)
    assert found is not None
    assert (found.name, len(fetches.asked)) == ("Other", 2)


async def test_a_document_that_is_not_there_is_looked_for_again(
    documents: MetadataDocuments, fetches: Fetches, clock: FixedClock
) -> None:
    """After a minute, so that a wrong URL does not keep this server busy."""
    good, fetches.answer = fetches.answer, None
    assert await documents.find(URL) is None
    fetches.answer = good
    assert await documents.find(URL) is None
    clock.advance(minutes=1)
    assert await documents.find(URL) is not None


async def test_a_server_that_does_not_answer(
    documents: MetadataDocuments, fetches: Fetches, clock: FixedClock
) -> None:
    """A client that was good before is used for another hour; an answer that there is none ends it."""
    fetches.answer = Fetched(document(), 300)
    good = await documents.find(URL)
    fetches.answer, fetches.error = None, NotAnswered
    clock.advance(seconds=300)
    assert await documents.find(URL) == good
    clock.advance(seconds=59)
    assert await documents.find(URL) == good
    assert len(fetches.asked) == 2
    clock.advance(seconds=3_540)
    assert await documents.find(URL) == good
    clock.advance(seconds=60)
    assert await documents.find(URL) is None
    fetches.answer = Fetched(document(), 300)
    clock.advance(seconds=60)
    assert await documents.find(URL) == good
    fetches.answer, fetches.error = None, NotFetched
    clock.advance(seconds=300)
    assert await documents.find(URL) is None


async def test_many_who_ask_at_once(documents: MetadataDocuments, fetches: Fetches) -> None:
    """The document is fetched once for all of them, also if one of them leaves."""
    fetches.pause.clear()
    asking = [asyncio.create_task(documents.find(URL)) for _ in range(20)]
    await asyncio.sleep(0)
    asking.pop().cancel()
    fetches.pause.set()
    found = await asyncio.gather(*asking)
    assert (len(set(found)), len(fetches.asked)) == (1, 1)
    assert found[0] is not None


async def test_urls_of_strangers_push_no_client_out(
    documents: MetadataDocuments, fetches: Fetches
) -> None:
    """Good or bad ones: a client that is used stays."""
    for number in range(2_100):
        if number % 300 == 0:
            fetches.answer = Fetched(document(), None)
            assert await documents.find(URL) is not None
        other = f"https://editor.example.com/{number}.json"
        good = document(client_id=other)
        fetches.answer = Fetched(good, None) if number % 2 else None
        await documents.find(other)
    assert fetches.asked.count(URL) == 1


@pytest.mark.parametrize("depth", [500, 900, 990, 1_000, 5_000])
def test_a_document_with_deep_keys(depth: int) -> None:
    """It is not good, wherever the stack ends: at the reading, or at the writing of what is kept."""
    deep = "[" * depth + "]" * depth
    for more in range(12):
        jwks = f'{{"keys": [{{"kty": "EC", "x": {"[" * more}{deep}{"]" * more}}}]}}'
        body = document(token_endpoint_auth_method="private_key_jwt", jwks="HERE")
        with pytest.raises(DocumentInvalid):
            client_of_document(URL, body.replace(b'"HERE"', jwks.encode()))


@pytest.mark.parametrize(
    "client_id",
    [
        "",
        "coditect-cli",
        "http://editor.example.com/client.json",
        "https://editor.example.com",
        "https://editor.example.com/",
        "https://editor.example.com//client.json",
        "https://localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://2130706433/client.json",
        "https://0x7f.1/client.json",
        "https://[::1]/client.json",
        "https://editor.example.com:8443/client.json",
        "https://user@editor.example.com/client.json",
        "https://editor.example.com/../client.json",
        "https://editor.example.com/a/%2e%2E/client.json",
        "https://editor.example.com/client.json?x=1",
        "https://editor.example.com/client.json#x",
        "https://Editor.example.com/client.json",
        "https://editor.example.com./client.json",
        "https://editor.example.com/" + "a" * 500,
        "https://editor.example.com/client\n.json",
        "https://editor.example.com\\@evil.example/client.json",
    ],
)
async def test_other_urls_have_no_document(
    client_id: str, documents: MetadataDocuments, fetches: Fetches
) -> None:
    """Nothing but https with a name, the usual port and a plain path is asked for."""
    assert not is_document_id(client_id)
    assert await documents.find(client_id) is None
    assert fetches.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 5_000,
        document(client_id=None),
        document(client_id="https://editor.example.com/other.json"),
        document(redirect_uris=None),
        document(redirect_uris="http://127.0.0.1/callback"),
        document(redirect_uris=[1]),
        document(redirect_uris=["http://editor.example.com/callback"]),
        document(redirect_uris=["javascript:alert(1)"]),
        document(client_name=1),
        document(client_name="Coditect"),
        document(client_name="x" * 101),
        document(client_name="a\nb"),
        document(client_secret="x"),
        document(token_endpoint_auth_method="client_secret_basic"),
        document(token_endpoint_auth_method="private_key_jwt"),
        document(token_endpoint_auth_method="private_key_jwt", jwks=[]),
        document(grant_types=["client_credentials"]),
        document(scope="unknown"),
        document(scope=["openid"]),
    ],
)
def test_a_document_that_describes_no_client(body: bytes) -> None:
    """It must be of this URL, of the right types, without a shared secret, and describe an allowed client."""
    with pytest.raises(DocumentInvalid):
        client_of_document(URL, body)


def test_a_document_with_keys() -> None:
    """Such a client shows who it is by its key, and does not run on the machine of its user."""
    uris = ["https://editor.example.com/callback"]
    body = document(token_endpoint_auth_method="private_key_jwt", jwks=JWKS, redirect_uris=uris)
    client = client_of_document(URL, body)
    assert (client.auth_method, json.loads(client.jwks)) == (AuthMethod.PRIVATE_KEY_JWT, JWKS)


def test_what_is_not_known_is_ignored() -> None:
    """Members and scopes that this server does not know are left out."""
    client = client_of_document(URL, document(scope="openid unknown", logo_uri="x", client_name=""))
    assert (client.scopes, client.name) == ({"openid"}, "Unnamed program")
