"""Logins that are older than the tests have time to wait."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from kernel.storage import Write, open_store
from services.auth.logins.repository import LOGINS, logins_of
from tools.laptop import Laptop


async def age_proofs(laptop: Laptop, user_id: str) -> None:
    """Makes the proofs of a user's logins an hour older. Tokens that are refreshed then say so."""
    store = open_store(laptop.settings.store)

    async def age(tx: Write) -> None:
        for login in await logins_of(tx, UUID(user_id)):
            earlier = login.auth_time - timedelta(hours=1)
            await LOGINS.put(tx, replace(login, auth_time=earlier))

    await store.write(age)
    await store.close()
