"""What users are called in the lists of members: as auth says, and no older than was known."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from kernel.errors import ServiceError
from kernel.storage import Store, Write
from services.tenants import repository
from services.tenants.clients import Profiles
from services.tenants.model import Member

_BATCH = 200  # memberships looked at in one transaction


async def rename(store: Store, user_id: UUID, display_name: str, revision: int) -> None:
    """Has every list show the name, unless it knows one of that revision or a later."""

    def renamed(member: Member) -> Member:
        profile = replace(member.profile, display_name=display_name, revision=revision)
        return replace(member, profile=profile)

    async def step(tx: Write) -> bytes | None:
        page = await repository.memberships(tx, user_id, after=after, limit=_BATCH)
        for member in (membership.member for membership in page.memberships):
            if not member.own and member.profile.revision < revision:
                await repository.put_member(tx, renamed(member))
        return page.last_key

    after: bytes | None = None
    while (after := await store.write(step)) is not None:
        pass


async def catch_up(store: Store, profiles: Profiles, joined: Member) -> None:
    """Does not let a change of the name slip by that was told while the user joined.

    Whoever told it did not see the membership, which has the name from before. Never fails: who is
    called wrong until the next change can live with it.
    """
    with suppress(ServiceError):
        profile = await profiles.profile(joined.user_id)
        if profile.revision > joined.profile.revision:
            await rename(store, joined.user_id, profile.display_name, profile.revision)
