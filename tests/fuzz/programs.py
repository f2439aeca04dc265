"""What programs send: who they are, where a browser is to be sent back to, and what they want."""

import json
import warnings
from base64 import b64encode
from contextlib import suppress
from functools import cache
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from services.auth.authorizations.model import with_parameters
from services.auth.oauth_clients import assertions, metadata_documents, public_keys, redirect_uris
from services.auth.oauth_clients.assertions import AssertionInvalid
from services.auth.oauth_clients.authentication import presented_by
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.metadata_documents import DocumentInvalid
from services.auth.oauth_clients.model import (
    AuthMethod,
    ClientCredentials,
    ClientOrigin,
    GrantType,
    OAuthClient,
)
from services.auth.oauth_clients.public_keys import KeysInvalid
from services.auth.oauth_pages import rendering
from tests.fuzz.target import target, text_of, texts_of
from tests.support.clock import START
from tests.support.tokens import ISSUER

CLIENT_ID = str(UUID(int=9))
DOCUMENT_ID = "https://client.example.com/client.json"
_AUDIENCES = frozenset({ISSUER})


@cache
def key() -> ECKey:
    """The key of the client."""
    return ECKey.import_key(
        {
            "kty": "EC", "crv": "P-256", "kid": "one",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        }
    )  # fmt: skip


@cache
def client() -> OAuthClient:
    """A client with a key."""
    return OAuthClient(
        client_id=CLIENT_ID,
        name="Robot",
        origin=ClientOrigin.TENANT,
        redirect_uris=("https://robot.example.com/callback",),
        grant_types=frozenset(GrantType),
        scopes=frozenset({"sessions:read"}),
        auth_method=AuthMethod.PRIVATE_KEY_JWT,
        jwks=json.dumps({"keys": [key().as_dict(private=False)]}),
    )


@target
def client_credentials(data: bytes) -> None:
    """Basic credentials and those of a form: what is read is a text that can be looked up."""
    header, pair, *form = texts_of(data, 6)
    for shown in (header, f"Basic {b64encode(pair.encode()).decode()}" if pair else ""):
        call = Call(None, {"authorization": shown} if shown else {})
        with suppress(InvalidClient, InvalidRequest):
            presented = presented_by(call, ClientCredentials(*form))
            _check_text(presented.client_id, presented.proof)


@target
def client_assertions(data: bytes) -> None:
    """Signed assertions (RFC 7523): what is taken is for this server, of this client, and for an hour at most."""
    header, claims = texts_of(data, 2)
    with suppress(AssertionInvalid):
        _check_text(assertions.claimed_client(text_of(data)))
    try:
        signed = jws.serialize_compact(json.loads(header), claims, key(), ["ES256"])
    except Exception:  # noqa: BLE001 - not a header that the library signs
        return
    with suppress(AssertionInvalid):
        spent = assertions.verified(signed, client(), _AUDIENCES, START)
        said = json.loads(claims)
        assert said["iss"] == said["sub"] == CLIENT_ID
        assert said["aud"] in ([ISSUER], ISSUER) or set(said["aud"]) == {ISSUER}
        assert START <= spent.expire_time <= START + 2 * assertions.LIFE


@target
def client_keys(data: bytes) -> None:
    """Key sets (RFC 7517): what is stored can be used to verify a signature."""
    with suppress(ValueError, RecursionError):
        found = json.loads(text_of(data))
        if isinstance(found, dict):
            with suppress(KeysInvalid), warnings.catch_warnings(action="ignore"):
                stored = public_keys.read(found)
                _check_text(stored)
                with suppress(*assertions._ERRORS):
                    public_keys.verified("eyJhbGciOiJFUzI1NiJ9.e30.AAAA", stored)


@target
def client_documents(data: bytes) -> None:
    """Client ID metadata documents: what is taken is a client whose every text can be stored and shown."""
    with suppress(DocumentInvalid), warnings.catch_warnings(action="ignore"):
        found = metadata_documents.client_of_document(DOCUMENT_ID, data)
        _check_text(found.name, found.jwks, *found.redirect_uris, *found.scopes)
        assert all(redirect_uris.is_allowed(uri, public=True) for uri in found.redirect_uris)


@target
def document_ids(data: bytes) -> None:
    """Ids that are URLs: what is fetched is what browsers and libraries read in them, too."""
    text = text_of(data)
    if metadata_documents.is_document_id(text):
        url, parts = httpx.URL(text), urlsplit(text)
        assert (url.scheme, url.raw_host.decode(), url.port) == ("https", parts.hostname, None)
        assert url.raw_path.decode() == parts.path


@target
def redirects(data: bytes) -> None:
    """Redirect URIs: where a browser is sent is where the registered URI leads, and the answer arrives."""
    registered, asked, state = texts_of(data, 3)
    for method in (AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT):
        if not redirect_uris.is_allowed(registered, public=method is AuthMethod.NONE):
            continue
        known = OAuthClient(
            CLIENT_ID, "Robot", ClientOrigin.TENANT, (registered,), frozenset(), frozenset(), method
        )
        assert redirect_uris.match(known, registered)
        if redirect_uris.match(known, asked):
            one, other = urlsplit(registered), urlsplit(asked)
            assert (one.scheme, one.hostname, one.path) == (
                other.scheme,
                other.hostname,
                other.path,
            )
            assert other.username is None
        address = with_parameters(registered, {"code": "abc", "state": state})
        answered = urlsplit(address)
        assert answered.netloc == urlsplit(registered).netloc
        assert parse_qs(answered.query)["code"][-1] == "abc"
        assert not state or parse_qs(answered.query)["state"][-1] == state
        policy = rendering._policy(registered)
        assert policy.count(";") == 5, "the redirect URI adds a directive to the policy"
        assert policy.isascii()
        assert policy.isprintable()


def _check_text(*texts: str) -> None:
    """That a text has no surrogates, which neither the store nor a digest takes."""
    for text in texts:
        text.encode()
