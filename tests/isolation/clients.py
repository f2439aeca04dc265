"""HTTP clients for many organizations; they check that responses contain only the caller's data."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from tests.isolation.leaks import readable
from tests.support.plain_http import PLAIN

AT_ONCE = 32
"""Concurrent calls; on two cores more would only queue."""
_SECONDS = 30.0
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TAG = re.compile(r"team[0-9]{3}x")


def tag_of(number: int) -> str:
    """A text in every name, text and address of an organization, and in no other's."""
    return f"team{number:03}x"


class Clients:
    """Makes the calls of all organizations, and records which ids each has received.

    Args:
        url: Where the gateway is.

    Attributes:
        calls: The number of calls by kind and status.
        foreign: The number of calls with ids of other organizations.
        longest: The duration of the longest call in seconds.
    """

    def __init__(self, url: str) -> None:
        self.calls: Counter[tuple[str, int]] = Counter()
        self.foreign = 0
        self.longest = 0.0
        self._owner_of_id: dict[str, int] = {}
        # One client per connection: choosing among many connections takes one client longer than
        # the calls.
        self._idle: asyncio.Queue[httpx.AsyncClient] = asyncio.Queue()
        for _ in range(AT_ONCE):
            client = httpx.AsyncClient(
                base_url=f"{url}/api/v5", timeout=_SECONDS, trust_env=False, verify=PLAIN
            )
            self._idle.put_nowait(client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._idle.empty():
            await self._idle.get_nowait().aclose()

    async def call(
        self, number: int, method: str, path: str, token: str = "", body: Any = None
    ) -> httpx.Response:
        """Makes a call for one organization, and checks that the response has no other's data."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        client = await self._idle.get()
        began = time.monotonic()
        try:
            answer = await client.request(method, path, json=body, headers=headers)
        finally:
            self._idle.put_nowait(client)
        self.longest = max(self.longest, time.monotonic() - began)
        kind = f"{method} {_ID.sub('{id}', path.partition('?')[0])}"
        self.calls[kind, answer.status_code] += 1
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, f"{kind}: {answer.text}"
        self._check(number, f"{answer.headers}\n{answer.text}")
        return answer

    def _check(self, number: int, text: str) -> None:
        """Fails if the text has another organization's tag, or an id that another has received."""
        text = readable(text)
        foreign = [
            one for one in _ID.findall(text) if self._owner_of_id.setdefault(one, number) != number
        ]
        foreign += set(_TAG.findall(text)) - {tag_of(number)}
        assert not foreign, f"{tag_of(number)} received {foreign}: {text}"


@dataclass
class Member:
    """A member of an organization, with the state it expects.

    Attributes:
        email: The email address.
        role: The role in the organization.
        user_id: The user's id.
        self_tenant_id: The id of the self-tenant.
        access_token: The current access token.
        refresh_token: The current refresh token.
        sessions: The member's sessions in the organization by id.
    """

    email: str
    role: str
    user_id: str = ""
    self_tenant_id: str = ""
    access_token: str = ""
    refresh_token: str = ""
    sessions: dict[str, Any] = field(default_factory=dict)

    def accept(self, tokens: dict[str, str]) -> None:
        """Replaces the tokens."""
        self.access_token = tokens["accessToken"]
        self.refresh_token = tokens.get("refreshToken", self.refresh_token)
