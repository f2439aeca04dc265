"""Fetches a document from a URL that a stranger has chosen.

`kernel.outbound` reaches only what is public; a document also has a type, a size and a limit of time.
"""

import httpx

from kernel.outbound.guarded_requests import GuardedRequests, NotReached
from kernel.version import VERSION
from services.auth.oauth_clients.metadata_documents import Fetched, NotAnswered, NotFetched

MOST_BYTES = 5_120
SECONDS = 3.0
_TYPES = frozenset({"application/json", "application/cimd+json"})
_HEADERS = {
    "Accept": "application/json",
    # Without a coding, the bytes on the wire are the bytes that are counted.
    "Accept-Encoding": "identity",
    "User-Agent": f"coditect-auth/{VERSION}",
}


class DocumentFetch:
    """Fetches documents, a few at a time.

    Args:
        requests: What reaches their servers; only public ones if None.
    """

    def __init__(self, requests: GuardedRequests | None = None) -> None:
        self._requests = requests or GuardedRequests()

    async def fetch(self, url: str) -> Fetched:
        """The document at an https URL. Raises `NotFetched`, `NotAnswered`."""
        if not url.startswith("https://"):
            raise NotFetched
        try:
            async with self._requests.answer(
                "GET", url, headers=_HEADERS, seconds=SECONDS
            ) as answer:
                if answer.status_code != httpx.codes.OK or _type(answer) not in _TYPES:
                    raise NotFetched
                return Fetched(await _read(answer), _max_age(answer))
        except NotReached as error:
            raise NotAnswered from error


async def _read(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NotFetched
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise NotFetched
    return bytes(body)


def _type(answer: httpx.Response) -> str:
    kind: str = answer.headers.get("content-type", "").partition(";")[0]
    return kind.strip(" ").lower()


def _max_age(answer: httpx.Response) -> int | None:
    """How long the answer says that it may be kept (RFC 9111, section 5.2.2)."""
    found: int | None = None
    for directive in answer.headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip(" ").partition("=")
        if name in {"no-store", "no-cache"}:
            return 0
        if name == "max-age" and value.isascii() and value.isdigit():
            found = int(value[:9])
    return found
