"""Names and addresses in lists of members: copies of those in auth's profiles."""

from contextlib import suppress
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from kernel.errors import ServiceError
from kernel.storage import Store, Write
from services.tenants.memberships import repository
from services.tenants.memberships.model import Member, Profile, UserProfile

_BATCH = 200  # memberships read in one transaction


class Profiles(Protocol):
    """Looks up the profile of a user in auth."""

    async def profile(self, user_id: UUID) -> UserProfile:
        """The profile of a user. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted user."""
        ...


class MemberProfiles:
    """The use cases of copied profiles."""

    def __init__(self, store: Store, profiles: Profiles) -> None:
        self._store = store
        self._profiles = profiles

    async def update(self, user_id: UUID, profile: Profile) -> None:
        """Puts the profile into every membership that has one of a smaller revision."""

        async def step(tx: Write) -> bytes | None:
            page = await repository.memberships(tx, user_id, after=after, limit=_BATCH)
            for member in (membership.member for membership in page.items):
                if not member.in_self_tenant and member.profile.revision < profile.revision:
                    await repository.MEMBERS.put(tx, replace(member, profile=profile))
            return page.last_key

        after: bytes | None = None
        while (after := await self._store.write(step, essential=True)) is not None:
            pass

    async def catch_up(self, joined: Member) -> None:
        """Applies a change of the profile that auth delivered while the user joined.

        That delivery did not see the new membership, which still has the old profile. This never
        fails: an old name does no harm.
        """
        with suppress(ServiceError):
            profile, _ = await self._profiles.profile(joined.user_id)
            if profile.revision > joined.profile.revision:
                await self.update(joined.user_id, profile)
