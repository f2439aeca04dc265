"""Lets time pass for one-time tokens, which live longer than a test can wait."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from kernel.emails import normalized_email
from kernel.storage import Write, open_store
from services.auth.one_time_tokens.model import Purpose, address_digest
from services.auth.one_time_tokens.repository import ONE_TIME_TOKENS, of_address
from tools.laptop import Laptop


def expire(laptop: Laptop, email: str, *purposes: Purpose) -> None:
    """Ends the time of the secrets that an address got for some purposes, one each."""
    assert asyncio.run(_expire(laptop.settings.store, email, purposes)) == len(purposes)


async def _expire(url: str, email: str, purposes: tuple[Purpose, ...]) -> int:
    digest = address_digest(normalized_email(email))

    async def write(tx: Write) -> int:
        tokens = [token for one in purposes for token in await of_address(tx, one, digest)]
        for token in tokens:
            past = token.create_time + timedelta(milliseconds=1)
            await ONE_TIME_TOKENS.put(tx, replace(token, expire_time=past))
        return len(tokens)

    store = open_store(url)
    try:
        return await store.write(write)
    finally:
        await store.close()
