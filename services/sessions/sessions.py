"""The rules of sessions: whose they are, how many, how long they live, and who may change them.

A caller finds its own sessions in the active tenant. For an expired session, another user's and one
that never existed the answer is the same: not found. Only a caller whose role allows it, by the
rule of the method, lists and ends the sessions of others.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from kernel.errors import AccessTokenRevoked, RoleMissing
from kernel.identity.callers import Call, Caller
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.idempotency import NOTHING, Answer
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from kernel.storage.recipes.tombstones import LATENESS
from services.sessions import keys, repository
from services.sessions.errors import RevisionStale, SessionLimitReached, SessionNotFound
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.settings import SessionsSettings

T = TypeVar("T")

_BATCH = 200  # sessions ended, or exported, in one transaction


class Sessions:
    """The use cases around a session."""

    def __init__(self, runtime: Runtime, settings: SessionsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._limit = settings.sessions_per_user
        self._idle = settings.idle_seconds * 1000
        self._memory = timedelta(seconds=settings.token_seconds) + LATENESS
        self._page_tokens = PageTokens(runtime.seal)

    async def create(self, call: Call, new: NewSession) -> Session:
        """Opens a session.

        Raises `SessionLimitReached`, `IdempotencyKeyReused`; `AccessTokenRevoked` if the user, its
        membership or the tenant has ended since the token was issued.
        """
        time, caller = self._clock.now(), call.caller
        now = milliseconds(time)
        session = Session(
            session_id=self._ids.uuid(),
            tenant_id=caller.tenant_id,
            user_id=caller.user_id,
            name=new.name,
            workspace_path=new.workspace_path,
            state=new.state,
            revision=1,
            create_time=now,
            update_time=now,
            last_active_time=now,
            expire_time=now + self._idle,
            tenant_epoch=caller.tenant_epoch,
        )

        async def create(tx: Write) -> Session:
            quota = await repository.session_quota(
                tx, session.tenant_id, session.user_id, session.tenant_epoch
            )
            if quota.revoked:
                raise AccessTokenRevoked
            if quota.used >= self._limit:
                raise SessionLimitReached({"limit": str(self._limit)})
            await repository.put_session(tx, session)
            return session

        return await self._write(call, time, repository.SESSIONS.answer, create, essential=False)

    async def get(self, call: Call, session_id: UUID) -> Session:
        """The caller's session of that id. Raises `SessionNotFound`."""
        tenant_id = call.tenant_id
        found = await self._store.read(lambda tx: repository.session(tx, tenant_id, session_id))
        return _own(call.caller, found, milliseconds(self._clock.now()))

    async def list_own(self, call: Call, limit: int, token: str) -> Listing[Session]:
        """A page of the caller's sessions in the active tenant, in the order of their ids.

        A page may be shorter than asked for: expired sessions are left out, and a page ends early
        behind much state. Raises `PageTokenInvalid`.
        """
        tenant_id, user_id = call.tenant_id, call.caller.user_id

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await repository.sessions_of_user(
                tx, tenant_id, user_id, after=after, limit=limit
            )

        return await self._list(
            list_name("sessions", "mine", str(tenant_id), str(user_id)), token, read
        )

    async def list_of_tenant(self, call: Call, limit: int, token: str) -> Listing[Session]:
        """A page of all sessions in the active tenant, like `list_own`.

        Raises `RoleMissing` unless the caller may manage those of others, `PageTokenInvalid`.
        """
        if not call.may_manage_others:
            raise RoleMissing
        tenant_id = call.tenant_id
        name = list_name("sessions", "tenant", str(tenant_id), str(call.caller.user_id))

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await repository.sessions_of_tenant(tx, tenant_id, after=after, limit=limit)

        return await self._list(name, token, read)

    async def update(self, call: Call, session_id: UUID, changes: SessionUpdate) -> Session:
        """Changes what is given and marks the session as active.

        Raises `SessionNotFound`, `RevisionStale`, `IdempotencyKeyReused`.
        """
        time = self._clock.now()
        now = milliseconds(time)

        async def update(tx: Write) -> Session:
            found = await repository.session(tx, call.tenant_id, session_id)
            session = _changed(_own(call.caller, found, now), changes, now)
            session = replace(session, last_active_time=now, expire_time=now + self._idle)
            await repository.put_session(tx, session)
            return session

        return await self._write(call, time, repository.SESSIONS.answer, update, essential=False)

    async def delete(self, call: Call, session_id: UUID) -> None:
        """Ends a session of the caller or, if the caller may manage others', of any user.

        Raises `SessionNotFound`, `IdempotencyKeyReused`.
        """
        time = self._clock.now()

        async def delete(tx: Write) -> None:
            found = await repository.session(tx, call.tenant_id, session_id)
            now = milliseconds(time)
            any_user = call.may_manage_others
            session = _living(found, now) if any_user else _own(call.caller, found, now)
            await repository.clear_session(tx, session)

        await self._write(call, time, NOTHING, delete, essential=True)

    async def delete_own(self, call: Call) -> None:
        """Ends all of the caller's sessions in the active tenant. Raises `IdempotencyKeyReused`.

        The key is stored with the last of them: a repeat after a crash ends the rest.
        """
        time = self._clock.now()
        tenant_id, user_id = call.tenant_id, call.caller.user_id

        async def clear(tx: Write) -> bool:
            return await repository.clear_sessions_of_user(tx, tenant_id, user_id, _BATCH)

        async def clear_last(tx: Write) -> None:
            if not await clear(tx):
                raise _MoreLeft

        while True:
            try:
                return await self._write(call, time, NOTHING, clear_last, essential=True)
            except _MoreLeft:
                await self._store.write(clear, essential=True)

    async def erase_user(self, user_id: UUID) -> None:
        """Ends all sessions of a user, in every tenant, and prevents new ones."""
        until = self._clock.now() + self._memory

        async def erase(tx: Write) -> bool:
            await keys.DELETED_USERS.put(tx, user_id, until=until)
            tenant_id = await repository.tenant_of_user(tx, user_id)
            if tenant_id is None:
                return True
            await repository.clear_sessions_of_user(tx, tenant_id, user_id, _BATCH)
            return False

        while not await self._store.write(erase, essential=True):
            pass

    async def end(self, tenant_id: UUID, user_id: UUID | None, epoch: int) -> None:
        """Ends sessions in a tenant, and prevents new ones by tokens from before the epoch.

        Sessions that a later token made stay: a removed member may have been invited again, and
        this may be a late repeat.

        Args:
            tenant_id: The tenant.
            user_id: The user whose sessions end; None for all users.
            epoch: Tokens with a smaller epoch of the tenant are revoked.
        """
        until = self._clock.now() + self._memory

        async def end(tx: Write, after: bytes | None) -> bytes | None:
            if user_id is None:
                await keys.DELETED_TENANTS.put(tx, tenant_id, until=until, epoch=epoch)
            else:
                await keys.REMOVED_MEMBERS.put(tx, tenant_id, user_id, until=until, epoch=epoch)
            return await repository.clear_sessions_before(
                tx, tenant_id, user_id, epoch, after=after, limit=_BATCH
            )

        after = await self._store.write(partial(end, after=None), essential=True)
        while after is not None:
            after = await self._store.write(partial(end, after=after), essential=True)

    async def export(self, user_id: UUID, token: str) -> Listing[Session]:
        """A page of a user's sessions in every tenant, like `list_own`. Raises `PageTokenInvalid`."""

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await repository.sessions_everywhere(tx, user_id, after=after, limit=_BATCH)

        return await self._list(list_name("sessions", "export", str(user_id)), token, read)

    async def _write(
        self,
        call: Call,
        time: datetime,
        answer: Answer[T],
        action: Callable[[Write], Coroutine[Any, Any, T]],
        *,
        essential: bool,
    ) -> T:
        return await keys.IDEMPOTENCY.write(
            self._store, call.idempotency, time, answer, action, essential=essential
        )

    async def _list(
        self,
        name: bytes,
        token: str,
        read: Callable[[Read, bytes | None], Coroutine[Any, Any, Page[Session]]],
    ) -> Listing[Session]:
        listing = await self._page_tokens.list(self._store, name, token, read)
        now = milliseconds(self._clock.now())
        living = [session for session in listing.items if session.expire_time > now]
        return listing._replace(items=living)


class _MoreLeft(Exception):
    """There are more sessions than one transaction may end; the transaction is undone."""


def _own(caller: Caller, session: Session | None, now: int) -> Session:
    if session is None or session.user_id != caller.user_id:
        raise SessionNotFound
    return _living(session, now)


def _living(session: Session | None, now: int) -> Session:
    if session is None or session.expire_time <= now:
        raise SessionNotFound
    return session


def _changed(session: Session, changes: SessionUpdate, now: int) -> Session:
    if changes.revision is not None and changes.revision != session.revision:
        raise RevisionStale({"currentRevision": str(session.revision)})
    changed = replace(
        session,
        name=session.name if changes.name is None else changes.name,
        workspace_path=(
            session.workspace_path if changes.workspace_path is None else changes.workspace_path
        ),
        state=session.state if changes.state is None else changes.state,
    )
    if changed == session:
        return session
    return replace(changed, revision=session.revision + 1, update_time=now)
