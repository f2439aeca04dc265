"""Display names in lists of members: copies of the names in auth's profiles."""

from contextlib import suppress
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from kernel.errors import ServiceError
from kernel.storage import Store, Write
from services.tenants.memberships import repository
from services.tenants.memberships.model import Member, Profile

_BATCH = 200  # memberships read in one transaction


class Profiles(Protocol):
    """Looks up the profile of a user in auth."""

    async def profile(self, user_id: UUID) -> Profile:
        """The profile of a user. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted user."""
        ...


class MemberProfiles:
    """The use cases of display names."""

    def __init__(self, store: Store, profiles: Profiles) -> None:
        self._store = store
        self._profiles = profiles

    async def rename(self, user_id: UUID, display_name: str, revision: int) -> None:
        """Sets the name in every membership that has a smaller revision."""

        def renamed(member: Member) -> Member:
            profile = replace(member.profile, display_name=display_name, revision=revision)
            return replace(member, profile=profile)

        async def step(tx: Write) -> bytes | None:
            page = await repository.memberships(tx, user_id, after=after, limit=_BATCH)
            for member in (membership.member for membership in page.items):
                if not member.in_self_tenant and member.profile.revision < revision:
                    await repository.MEMBERS.put(tx, renamed(member))
            return page.last_key

        after: bytes | None = None
        while (after := await self._store.write(step, essential=True)) is not None:
            pass

    async def catch_up(self, joined: Member) -> None:
        """Applies a change of the name that auth delivered while the user joined.

        That delivery did not see the new membership, which still has the old name. This never fails:
        an old name does no harm.
        """
        with suppress(ServiceError):
            profile = await self._profiles.profile(joined.user_id)
            if profile.revision > joined.profile.revision:
                await self.rename(joined.user_id, profile.display_name, profile.revision)
