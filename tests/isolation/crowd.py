"""Many organizations at work at once, each of which remembers what must be there."""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from tests.isolation.border import readable

AT_ONCE = 32
"""Calls under way at once: more only wait in line on two cores."""
_SECONDS = 30.0
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TAG = re.compile(r"team[0-9]{3}x")


def tag_of(number: int) -> str:
    """What is in every name, text and address of an organization, and in none of another."""
    return f"team{number:03}x"


class Crowd:
    """How all of them call, and who has been told what.

    Args:
        url: Where the gateway is.

    Attributes:
        calls: How often each kind of call got each status.
        foreign: How many calls had ids of others.
        longest: The seconds of the longest call.
    """

    def __init__(self, url: str) -> None:
        self.calls: Counter[tuple[str, int]] = Counter()
        self.foreign = 0
        self.longest = 0.0
        self._told: dict[str, int] = {}
        # A client of one connection for each: what one client does to choose among many takes
        # longer than the calls.
        self._lanes: asyncio.Queue[httpx.AsyncClient] = asyncio.Queue()
        for _ in range(AT_ONCE):
            lane = httpx.AsyncClient(base_url=f"{url}/api/v5", timeout=_SECONDS, trust_env=False)
            self._lanes.put_nowait(lane)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._lanes.empty():
            await self._lanes.get_nowait().aclose()

    async def call(
        self, number: int, method: str, path: str, token: str = "", body: Any = None
    ) -> httpx.Response:
        """Calls for one of the organizations, and sees that the answer is about no other."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        lane = await self._lanes.get()
        began = time.monotonic()
        try:
            answer = await lane.request(method, path, json=body, headers=headers)
        finally:
            self._lanes.put_nowait(lane)
        self.longest = max(self.longest, time.monotonic() - began)
        kind = f"{method} {_ID.sub('{id}', path.partition('?')[0])}"
        self.calls[kind, answer.status_code] += 1
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, f"{kind}: {answer.text}"
        self._look(number, f"{answer.headers}\n{answer.text}")
        return answer

    def _look(self, number: int, text: str) -> None:
        """An id that one of them has been told is never told to another, nor is a tag."""
        text = readable(text)
        foreign = [one for one in _ID.findall(text) if self._told.setdefault(one, number) != number]
        foreign += set(_TAG.findall(text)) - {tag_of(number)}
        assert not foreign, f"{tag_of(number)} was told {foreign}: {text}"


@dataclass
class Somebody:
    """One of the people of an organization, as it remembers itself.

    Attributes:
        email: Its address.
        role: What it is in the organization.
        user_id: Its id.
        own_tenant_id: Its own tenant.
        access_token: The token of now.
        refresh_token: The one to get the next with.
        sessions: Its sessions in the organization, by their ids.
    """

    email: str
    role: str
    user_id: str = ""
    own_tenant_id: str = ""
    access_token: str = ""
    refresh_token: str = ""
    sessions: dict[str, Any] = field(default_factory=dict)

    def accept(self, tokens: dict[str, str]) -> None:
        """Goes on with new tokens."""
        self.access_token = tokens["accessToken"]
        self.refresh_token = tokens.get("refreshToken", self.refresh_token)
