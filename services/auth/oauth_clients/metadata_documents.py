"""Clients whose id is the URL of a document that says what they are (OAuth Client ID Metadata Document).

Such a client is not registered: the host of the URL vouches for it, so users see the host. The rules
are those of a client that registers itself. Documents are kept in memory for a while: as long as their
server says, but a day at most, and those that are not good for a minute. One that was good is used for
another hour while its server does not answer (RFC 5861, section 4): so who keeps this service busy with
slow servers shuts no known client out. Those that are not good have a memory of their own, which leaves
the good ones their places.
"""

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from kernel import log
from kernel.characters import printable, visible
from kernel.clock import Clock
from kernel.errors import ServiceError
from services.auth.oauth_clients import names
from services.auth.oauth_clients.model import ClientOrigin, OAuthClient
from services.auth.oauth_clients.registration import (
    ClientRegistration,
    check,
    client_of,
    metadata_of,
)

MOST_CHARACTERS = 500
_LEAST_KEPT, _MOST_KEPT = timedelta(minutes=5), timedelta(days=1)
_KEPT = timedelta(hours=1)  # where the server does not say
_KEPT_IF_BAD = timedelta(minutes=1)
_KEPT_IF_SILENT = timedelta(hours=1)
_MOST = 1_000
# A host name with a dot, no port, no credentials, and a path: so a name server was asked for it.
_URL = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+"
)
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_SHARED_SECRETS = frozenset({"client_secret", "client_secret_expires_at"})

_logger = log.get(__name__)


class NotFetched(Exception):
    """There is no document that may be fetched and read."""


class NotAnswered(NotFetched):
    """The server has not answered: nothing new is known of the document."""


class Fetched(NamedTuple):
    """A document.

    Attributes:
        body: It.
        max_age: How long it may be kept, in seconds; None if its server does not say.
    """

    body: bytes
    max_age: int | None


class Fetch(Protocol):
    """Fetches documents."""

    async def fetch(self, url: str) -> Fetched:
        """The document at an https URL. Raises `NotFetched`, `NotAnswered`."""


class DocumentInvalid(Exception):
    """A document does not describe a client that may be."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a document.

    Attributes:
        client: The client; None if the document is not good.
        until: When it is looked for again.
        good_until: Until when the client may be used if its server does not answer.
    """

    client: OAuthClient | None
    until: datetime
    good_until: datetime


class MetadataDocuments:
    """The clients with a document."""

    def __init__(self, clock: Clock, fetch: Fetch) -> None:
        self._clock = clock
        self._fetch = fetch
        self._good: OrderedDict[str, _Kept] = OrderedDict()  # the longest unused first
        self._bad: OrderedDict[str, _Kept] = OrderedDict()
        self._looks: dict[str, asyncio.Task[_Kept]] = {}

    async def find(self, client_id: str) -> OAuthClient | None:
        """The client whose document is at a URL; None if the text is no such URL, or has no good document."""
        if not is_document_id(client_id):
            return None
        kept = self._known(client_id)
        if kept is None or kept.until <= self._clock.now():
            kept = await asyncio.shield(self._look_once(client_id))
        return kept.client

    def _look_once(self, client_id: str) -> "asyncio.Task[_Kept]":
        """Looks for a document, once for all who ask for it at the same time."""
        look = self._looks.get(client_id)
        if look is None:
            look = self._looks[client_id] = asyncio.create_task(self._look(client_id))
            look.add_done_callback(lambda _: self._looks.pop(client_id))
        return look

    async def _look(self, client_id: str) -> _Kept:
        now, known = self._clock.now(), self._known(client_id)
        try:
            fetched = await self._fetch.fetch(client_id)
            client = client_of_document(client_id, fetched.body)
        except (NotFetched, DocumentInvalid) as error:
            _logger.info("no client at a URL", cause=type(error).__name__)
            kept = _Kept(None, now + _KEPT_IF_BAD, now)
            if isinstance(error, NotAnswered) and known is not None and now < known.good_until:
                kept = replace(known, until=now + _KEPT_IF_BAD)
        else:
            life = _KEPT if fetched.max_age is None else timedelta(seconds=fetched.max_age)
            until = now + min(max(life, _LEAST_KEPT), _MOST_KEPT)
            kept = _Kept(client, until, until + _KEPT_IF_SILENT)
        self._keep(client_id, kept)
        return kept

    def _known(self, client_id: str) -> _Kept | None:
        known = self._good.get(client_id)
        if known is None:
            return self._bad.get(client_id)
        self._good.move_to_end(client_id)
        return known

    def _keep(self, client_id: str, kept: _Kept) -> None:
        place, other = (self._good, self._bad) if kept.client else (self._bad, self._good)
        other.pop(client_id, None)
        place[client_id] = kept
        place.move_to_end(client_id)
        while len(place) > _MOST:
            place.popitem(last=False)


def is_document_id(client_id: str) -> bool:
    """Whether an id is a URL that can have a document: https, a name, a path, and nothing else."""
    return (
        len(client_id) <= MOST_CHARACTERS
        and _URL.fullmatch(client_id) is not None
        and _DOTS.search(client_id) is None
    )


def client_of_document(client_id: str, body: bytes) -> OAuthClient:
    """The client that a document describes. Raises `DocumentInvalid`."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise DocumentInvalid from None
    if not isinstance(document, dict) or document.get("client_id") != client_id:
        raise DocumentInvalid
    if _SHARED_SECRETS & document.keys():  # everybody can read it
        raise DocumentInvalid
    metadata = metadata_of(_registration(document))
    try:
        check(metadata)
    except ServiceError:
        raise DocumentInvalid from None
    return client_of(metadata, client_id, ClientOrigin.DOCUMENT)


def _registration(document: Mapping[str, Any]) -> ClientRegistration:
    """What a document says, if that is of the right types. Raises `DocumentInvalid`."""
    method, keys = _text(document, "token_endpoint_auth_method"), document.get("jwks")
    if method.startswith("client_secret") or not isinstance(keys, dict | None):
        raise DocumentInvalid
    return ClientRegistration(
        redirect_uris=_texts(document, "redirect_uris"),
        client_name=_name(document),
        grant_types=_texts(document, "grant_types"),
        scope=_text(document, "scope"),
        auth_method=method,
        keys=keys,
    )


def _name(document: Mapping[str, Any]) -> str:
    name = _text(document, "client_name").strip()
    if len(name) > names.MOST_CHARACTERS or not printable(name):
        raise DocumentInvalid
    return name if visible(name) else ""


def _text(document: Mapping[str, Any], name: str) -> str:
    found = document.get(name, "")
    if not isinstance(found, str):
        raise DocumentInvalid
    return found


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise DocumentInvalid
    return tuple(found)
