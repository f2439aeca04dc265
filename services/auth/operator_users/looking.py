"""Shows users to operators. Each look is an act in the operator log."""

from collections.abc import AsyncIterator
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.callers import Call, Caller, Role
from kernel.runtime import Runtime
from kernel.self_tenant import self_tenant_id
from kernel.storage import Read
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from services.auth.accounts.export import ExportAccount, ExportChunk
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGINS
from services.auth.operator_log.model import Act
from services.auth.operator_users.acts import OperatorActs, require_user
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email

_NO_LOGIN = UUID(int=0)


class OperatorLooking:
    """The use cases of an operator who looks at users."""

    def __init__(self, runtime: Runtime, acts: OperatorActs, export: ExportAccount) -> None:
        self._runtime = runtime
        self._acts = acts
        self._export = export
        self._page_tokens = PageTokens(runtime.seal)

    async def list(self, call: Call, limit: int, token: str, *, email: str = "") -> Listing[User]:
        """A page of the users, in the order of their ids; or the one with an address.

        Raises `PageTokenInvalid`, `OperatorRequired`.
        """
        address = normalized_email(email) if email else ""

        async def read(tx: Read, after: bytes | None) -> Page[User]:
            if not address:
                return await USERS.page(tx, after=after, limit=limit)
            user = await user_of_email(tx, address)
            return Page([] if user is None else [user], None)

        name = list_name("operated users", address)
        listing = await self._page_tokens.list(self._runtime.store, name, token, read)
        found = listing.items[0].user_id if address and listing.items else None
        await self._acts.note(call, Act.USERS_LISTED, found)
        return listing

    async def get(self, call: Call, user_id: UUID) -> User:
        """A user. Raises `UserNotFound`, `OperatorRequired`."""
        user = await self._runtime.store.read(lambda tx: require_user(tx, user_id))
        await self._acts.note(call, Act.USER_VIEWED, user_id)
        return user

    async def logins(self, call: Call, user_id: UUID, limit: int, token: str) -> Listing[Login]:
        """A page of the logins of a user. Raises `UserNotFound`, `PageTokenInvalid`, `OperatorRequired`."""
        now = self._runtime.clock.now()

        async def read(tx: Read, after: bytes | None) -> Page[Login]:
            await require_user(tx, user_id)
            return await LOGINS.page(
                tx,
                user_id,
                after=after,
                limit=limit,
                only=lambda one: one.expire_time > now and not one.is_grant,
            )

        name = list_name("operated logins", str(user_id))
        listing = await self._page_tokens.list(self._runtime.store, name, token, read)
        await self._acts.note(call, Act.USER_LOGINS_LISTED, user_id)
        return listing

    async def activity(
        self, call: Call, user_id: UUID, limit: int, token: str
    ) -> Listing[SecurityEvent]:
        """A page of what happened to a user, the newest event first. Raises as `logins`."""

        async def read(tx: Read, after: bytes | None) -> Page[SecurityEvent]:
            await require_user(tx, user_id)
            return await security_log.events(tx, user_id, after=after, limit=limit)

        name = list_name("operated activity", str(user_id))
        listing = await self._page_tokens.list(self._runtime.store, name, token, read)
        await self._acts.note(call, Act.USER_ACTIVITY_LISTED, user_id)
        return listing

    async def export(self, call: Call, user_id: UUID) -> AsyncIterator[ExportChunk]:
        """Everything of a user, piece by piece.

        Raises `UserNotFound`, `OperatorRequired`, `TenantsUnavailable`, `SessionsUnavailable`.
        """
        await self._runtime.store.read(lambda tx: require_user(tx, user_id))
        await self._acts.note(call, Act.USER_EXPORTED, user_id)
        async for chunk in self._export.read(call.of(caller_for(user_id))):
            yield chunk


def caller_for(user_id: UUID) -> Caller:
    """The user as a caller without a login, for use cases that read what is theirs."""
    return Caller(user_id, self_tenant_id(user_id), Role.OWNER, _NO_LOGIN, 0, 0)
