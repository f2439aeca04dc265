"""Rows with fields that neither version knows, as a later version may write them."""

import asyncio
from uuid import UUID

import httpx

from kernel.storage import Read, Write, open_store
from services.auth.users.repository import USER
from services.sessions.keys import SESSION
from services.tenants.memberships.repository import TENANT
from tests.end_to_end.person import new_person
from tests.end_to_end.team import found, switch

_FIELD = b"\xa2\x06\x05later"  # number 100


class UnknownFields:
    """A user whose rows each get an unknown field.

    Args:
        http: A client of the product.
        store: The address of the store.
    """

    def __init__(self, http: httpx.Client, store: str) -> None:
        self._store = store
        self._person = new_person(http)
        self._company = found(self._person)
        session = self._person.call("POST", "/sessions", {"name": "before"}).json()["data"]
        self._session = session["sessionId"]
        self._keys = [
            USER.key(UUID(self._person.user_id)),
            TENANT.key(UUID(self._company)),
            SESSION.key(UUID(session["tenantId"]), UUID(self._session)),
        ]
        asyncio.run(self._add())

    def change(self) -> None:
        """Changes each row through the version that is running now."""
        self._change("/auth/me", {"company": "after"})
        self._change(f"/sessions/{self._session}", {"name": "after"})
        assert switch(self._person, self._company).status_code == 200
        self._change(f"/tenants/{self._company}", {"name": "after"})

    def check(self) -> None:
        """Checks that the rows have been changed and still have the field."""
        for value in asyncio.run(self._read()):
            assert b"after" in value
            assert _FIELD in value

    def _change(self, path: str, body: dict[str, str]) -> None:
        answer = self._person.call("PATCH", path, body)
        assert answer.status_code == 200, answer.text
        assert body.items() <= answer.json()["data"].items()

    async def _add(self) -> None:
        async def add(tx: Write) -> None:
            for key in self._keys:
                tx.set(key, (await tx.get(key) or b"") + _FIELD)

        store = open_store(self._store)
        await store.write(add)
        await store.close()

    async def _read(self) -> list[bytes]:
        async def read(tx: Read) -> list[bytes]:
            return [value or b"" for value in await tx.get_many(self._keys)]

        store = open_store(self._store)
        values = await store.read(read)
        await store.close()
        return values
