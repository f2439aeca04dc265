"""The rules of sessions: whose they are, how many, how long they live, and who may change them.

A caller finds its own sessions in the active tenant. For an expired session, another user's and one
that never existed the answer is the same: not found. Only a caller whose role allows it, by the
rule of the method, lists and ends the sessions of others. A workspace token reaches its own session
alone.

A session may have tokens, which auth keeps. Auth is told when such a session ends, however it does:
the transaction that removes it queues a notice (`repository.clear_session`).
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from kernel.errors import AccessTokenRevoked, RoleMissing, SessionNotFound, TenantNotActive
from kernel.identity.callers import Call, Caller
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.idempotency import NOTHING, Repeat
from kernel.storage.recipes.paging import Listing, Page, PageTokens, list_name
from kernel.storage.recipes.tombstones import MEMORY
from services.sessions import keys, repository
from services.sessions.errors import (
    RevisionStale,
    SessionLimitReached,
    WorkspaceTokenRefused,
)
from services.sessions.model import Cleared, NewSession, Session, SessionUpdate, StoredSession
from services.sessions.settings import SessionsSettings

T = TypeVar("T")
S = TypeVar("S", Session, StoredSession)

_BATCH = 200  # sessions ended, or exported, in one transaction
_EXPIRED = 20  # expired sessions that a new one removes at most


class Sessions:
    """The use cases around a session."""

    def __init__(self, runtime: Runtime, settings: SessionsSettings) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._limit = settings.sessions_per_user
        self._idle = settings.idle_seconds * 1000
        self._settle_seconds = settings.settle_seconds
        self._page_tokens = PageTokens(runtime.seal)

    async def create(self, call: Call, new: NewSession) -> Session:
        """Opens a session.

        Expired sessions do not count, whether the sweeper has removed them or not. Raises
        `SessionLimitReached`, `IdempotencyKeyReused`; `AccessTokenRevoked` if the user, its
        membership or the tenant has ended since the token was issued; in a repeat
        `SessionNotFound` if the session has ended since; `WorkspaceTokenRefused`.
        """
        time, caller = self._clock.now(), call.caller
        _require_no_session(caller)
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
            of_service_account=caller.is_service_account,
        )

        async def create(tx: Write) -> Session:
            used = await _used(tx, caller)
            if used >= self._limit:
                used -= await repository.clear_expired_of_user(
                    tx, caller.tenant_id, caller.user_id, now, _EXPIRED
                )
            if used >= self._limit:
                raise SessionLimitReached({"limit": str(self._limit)})
            await repository.put_session(tx, session)
            return session

        async def again(tx: Read, kept: bytes) -> Session:
            await _used(tx, caller)
            return _own(
                caller, await repository.session(tx, caller.tenant_id, UUID(bytes=kept)), now
            )

        repeat = Repeat(again, keep=lambda made: made.session_id.bytes)
        return await self._write(call, time, create, repeat)

    async def get(self, call: Call, session_id: UUID) -> Session:
        """The caller's session of that id. Raises `SessionNotFound`."""
        return repository.whole(await self.find(call, session_id))

    async def find(self, call: Call, session_id: UUID) -> StoredSession:
        """As `get`, for an answer that passes the session on. Raises `SessionNotFound`."""
        tenant_id = call.tenant_id
        found = await self._store.read(
            lambda tx: repository.stored_session(tx, tenant_id, session_id)
        )
        return _own(call.caller, found, self._now())

    async def list_own(
        self, call: Call, limit: int, token: str, *, by_id: bool = False
    ) -> Listing[Session]:
        """A page of the caller's sessions in the active tenant, the last active first, or by id.

        A page may be shorter than asked for: it ends early behind much state. A session that
        becomes active between two pages moves to the front: it was on a page before, or is on the
        first one now. Raises `PageTokenInvalid`, also for a token of the other order.
        """
        tenant_id, user_id, now = call.tenant_id, call.caller.user_id, self._now()
        if call.caller.session_id is not None:
            return await self._list_one(call, call.caller.session_id)
        sessions = repository.sessions_of_user if by_id else repository.recent_sessions_of_user
        order = "by id" if by_id else "by activity"

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await sessions(tx, tenant_id, user_id, after=after, limit=limit, now=now)

        name = list_name("sessions", "mine", order, str(tenant_id), str(user_id))
        return await self._page_tokens.list(self._store, name, token, read)

    async def list_of_tenant(self, call: Call, limit: int, token: str) -> Listing[Session]:
        """A page of all sessions in the active tenant, in the order of their ids.

        Raises `RoleMissing` unless the caller may manage those of others, `PageTokenInvalid`.
        """
        if not call.may_manage_others:
            raise RoleMissing
        tenant_id, now = call.tenant_id, self._now()
        name = list_name("sessions", "tenant", str(tenant_id), str(call.caller.user_id))

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await repository.sessions_of_tenant(
                tx, tenant_id, after=after, limit=limit, now=now
            )

        return await self._page_tokens.list(self._store, name, token, read)

    async def _list_one(self, call: Call, session_id: UUID) -> Listing[Session]:
        """The list of a workspace token: its session, as long as that is there."""
        try:
            return Listing([await self.get(call, session_id)], "")
        except SessionNotFound:
            return Listing([], "")

    async def hold(self, user_id: UUID, tenant_id: UUID, session_id: UUID) -> Session:
        """Notes that a living session of a user has tokens. Raises `SessionNotFound`.

        From then on auth is told when it ends. A repeat costs a read.
        """
        now = self._now()

        def held(found: Session | None) -> Session:
            if found is None or found.user_id != user_id:
                raise SessionNotFound
            return replace(_living(found, now), has_tokens=True)

        async def hold(tx: Write) -> Session:
            return await repository.update_session(tx, tenant_id, session_id, held)

        found = await self._store.read(lambda tx: repository.session(tx, tenant_id, session_id))
        if held(found) == found:
            return found
        return await self._store.write(hold)

    async def update(self, call: Call, session_id: UUID, changes: SessionUpdate) -> Session:
        """Changes what is given and marks the session as active.

        Without changes it is a heartbeat, which leaves no idempotency record: a repeat of it does
        no harm. A repeat of a change gets the session as it is then, and does not mark it. Raises `SessionNotFound`, `RevisionStale`, `IdempotencyKeyReused`.
        """
        time = self._clock.now()
        now = milliseconds(time)

        def changed(found: Session | None) -> Session:
            session = _changed(_own(call.caller, found, now), changes, now)
            return replace(session, last_active_time=now, expire_time=now + self._idle)

        async def update(tx: Write) -> Session:
            return await repository.update_session(tx, call.tenant_id, session_id, changed)

        async def again(tx: Read, _: bytes) -> Session:
            return _own(call.caller, await repository.session(tx, call.tenant_id, session_id), now)

        if changes.is_heartbeat:
            return await self._store.write(update)
        return await self._write(call, time, update, Repeat(again))

    async def delete(self, call: Call, session_id: UUID) -> None:
        """Ends a session of the caller or, if the caller may manage others', of any user.

        It waits until every service refuses the tokens of the session. Raises `SessionNotFound`,
        `IdempotencyKeyReused`.
        """
        time = self._clock.now()
        had_tokens = True  # a repeat waits, too: the first call may have ended before its wait

        async def delete(tx: Write) -> UUID:
            nonlocal had_tokens
            found = await repository.session(tx, call.tenant_id, session_id)
            now = milliseconds(time)
            any_user = call.may_manage_others
            session = _living(found, now) if any_user else _own(call.caller, found, now)
            await repository.clear_session(tx, session)
            had_tokens = session.has_tokens
            return session.user_id

        async def again(_: Read, kept: bytes) -> UUID:
            user_id = UUID(bytes=kept)
            if user_id != call.caller.user_id and not call.may_manage_others:
                raise SessionNotFound  # an admin's from the past
            return user_id

        repeat = Repeat(again, keep=lambda user_id: user_id.bytes)
        await self._write(call, time, delete, repeat, essential=True)
        if had_tokens:
            await self._wait_until_enforced()

    async def delete_own(self, call: Call) -> None:
        """Ends all of the caller's sessions in the active tenant.

        The key is stored with the last of them: a repeat after a crash ends the rest. It waits until
        every service refuses the tokens of the sessions. Raises `IdempotencyKeyReused`,
        `WorkspaceTokenRefused`.
        """
        _require_no_session(call.caller)
        time = self._clock.now()
        tenant_id, user_id = call.tenant_id, call.caller.user_id
        last = Cleared(all=True, had_tokens=True)  # of a repeat, which waits, too

        async def clear(tx: Write) -> Cleared:
            return await repository.clear_sessions_of_user(tx, tenant_id, user_id, _BATCH)

        async def clear_last(tx: Write) -> None:
            nonlocal last
            last = await clear(tx)
            if not last.all:
                raise _MoreLeft

        had_tokens = False
        while True:
            try:
                await self._write(call, time, clear_last, NOTHING, essential=True)
                break
            except _MoreLeft:
                had_tokens |= (await self._store.write(clear, essential=True)).had_tokens
        if had_tokens or last.had_tokens:
            await self._wait_until_enforced()

    async def erase_user(self, user_id: UUID) -> None:
        """Ends all sessions of a user, in every tenant, and prevents new ones."""
        until = self._clock.now() + MEMORY

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
        until = self._clock.now() + MEMORY

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
        """A page of a user's sessions in every tenant, by tenant and id.

        Raises `PageTokenInvalid`.
        """
        name, now = list_name("sessions", "export", str(user_id)), self._now()

        async def read(tx: Read, after: bytes | None) -> Page[Session]:
            return await repository.sessions_everywhere(
                tx, user_id, after=after, limit=_BATCH, now=now
            )

        return await self._page_tokens.list(self._store, name, token, read)

    async def _write(
        self,
        call: Call,
        time: datetime,
        action: Callable[[Write], Coroutine[Any, Any, T]],
        repeat: Repeat[T],
        *,
        essential: bool = False,
    ) -> T:
        return await keys.IDEMPOTENCY.write(
            self._store, call.idempotency, time, action, repeat, essential=essential
        )

    async def _wait_until_enforced(self) -> None:
        """Waits until auth has ended the tokens of the sessions that have ended so far.

        It waits `SETTLE_SECONDS` at most, and never fails: auth learns of late ones afterwards.
        """
        await keys.ENDED_SESSIONS.settle(self._store, self._settle_seconds)

    def _now(self) -> int:
        return self._clock.milliseconds()


def require_active(call: Call, tenant_id: UUID) -> None:
    """Raises `TenantNotActive` if the caller's token is for another tenant."""
    if tenant_id != call.caller.tenant_id:
        raise TenantNotActive


class _MoreLeft(Exception):
    """There are more sessions than one transaction may end; the transaction is undone."""


async def _used(tx: Read, caller: Caller) -> int:
    """The number of stored sessions of a user in the tenant. Raises `AccessTokenRevoked`."""
    quota = await repository.session_quota(
        tx, caller.tenant_id, caller.user_id, caller.tenant_epoch
    )
    if quota.revoked:
        raise AccessTokenRevoked
    return quota.used


def _require_no_session(caller: Caller) -> None:
    """Raises `WorkspaceTokenRefused` for a token of one session."""
    if caller.session_id is not None:
        raise WorkspaceTokenRefused


def _own(caller: Caller, session: S | None, now: int) -> S:
    if session is None or session.user_id != caller.user_id:
        raise SessionNotFound
    if caller.session_id is not None and caller.session_id != session.session_id:
        raise SessionNotFound
    return _living(session, now)


def _living(session: S | None, now: int) -> S:
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
