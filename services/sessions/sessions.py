"""The rules of sessions: whose they are, how many, how long they live, and who may change them.

A caller finds its own sessions in the active tenant. For an expired session, another user's and one
that never existed the answer is the same: not found. Only a caller whose role allows it, by the
rule of the method, lists and ends the sessions of others.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock
from kernel.errors import AccessTokenRevoked, RoleMissing
from kernel.identity.callers import Caller
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.idempotency import Replay
from kernel.storage.recipes.paging import PageTokens, list_name
from kernel.storage.recipes.tombstones import LATENESS
from services.sessions import keys, repository
from services.sessions.errors import RevisionStale, SessionLimitReached, SessionNotFound
from services.sessions.model import NewSession, Session, SessionPage, SessionUpdate
from services.sessions.settings import SessionsSettings

_BATCH = 200  # sessions ended, or exported, in one transaction


class Listing(NamedTuple):
    """One page of a list, as the caller gets it."""

    sessions: list[Session]
    next_page_token: str


class Sessions:
    """The use cases around a session."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, seal: Seal, settings: SessionsSettings
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._limit = settings.sessions_per_user
        self._idle = settings.idle_seconds * 1000
        self._memory = timedelta(seconds=settings.token_seconds) + LATENESS
        self._idempotency = keys.IDEMPOTENCY
        self._page_tokens = PageTokens(seal)

    async def create(self, caller: Caller, new: NewSession, replay: Replay | None) -> Session:
        """Opens a session.

        Raises `SessionLimitReached`, `IdempotencyKeyReused`; `AccessTokenRevoked` if the user, its
        membership or the tenant has gone meanwhile.
        """
        time = self._clock.now()
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

        async def create(tx: Write) -> bytes:
            return await self._idempotency.once(tx, replay, time, lambda: self._add(tx, session))

        return repository.parse_session(await self._store.write(create))

    async def get(self, caller: Caller, session_id: UUID) -> Session:
        """The caller's session of that id. Raises `SessionNotFound`."""
        tenant_id = caller.tenant_id
        found = await self._store.read(lambda tx: repository.session(tx, tenant_id, session_id))
        return _own(caller, found, milliseconds(self._clock.now()))

    async def list_own(self, caller: Caller, limit: int, token: str) -> Listing:
        """A page of the caller's sessions in the active tenant, in the order of their ids.

        A page may be shorter than asked for: expired sessions are left out, and much state in one
        page would be too much for one answer. Raises `PageTokenInvalid`.
        """
        tenant_id, user_id = caller.tenant_id, caller.user_id
        name = list_name("sessions", "mine", str(tenant_id), str(user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> SessionPage:
            return await repository.sessions_of_user(
                tx, tenant_id, user_id, after=after, limit=limit
            )

        return self._listing(await self._store.read(read), name)

    async def list_of_tenant(
        self, caller: Caller, limit: int, token: str, *, others: bool
    ) -> Listing:
        """A page of everybody's sessions in the active tenant, like `list_own`.

        Raises `RoleMissing` unless the caller may reach those of others, `PageTokenInvalid`.
        """
        if not others:
            raise RoleMissing
        tenant_id = caller.tenant_id
        name = list_name("sessions", "tenant", str(tenant_id), str(caller.user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> SessionPage:
            return await repository.sessions_of_tenant(tx, tenant_id, after=after, limit=limit)

        return self._listing(await self._store.read(read), name)

    async def update(
        self, caller: Caller, session_id: UUID, changes: SessionUpdate, replay: Replay | None
    ) -> Session:
        """Changes what is given and marks the session as active.

        Raises `SessionNotFound`, `RevisionStale`, `IdempotencyKeyReused`.
        """
        time = self._clock.now()
        now = milliseconds(time)

        async def change(tx: Write) -> bytes:
            found = await repository.session(tx, caller.tenant_id, session_id)
            session = _changed(_own(caller, found, now), changes, now)
            session = replace(session, last_active_time=now, expire_time=now + self._idle)
            await repository.put_session(tx, session)
            return repository.pack_session(session)

        async def update(tx: Write) -> bytes:
            return await self._idempotency.once(tx, replay, time, lambda: change(tx))

        return repository.parse_session(await self._store.write(update))

    async def delete(
        self, caller: Caller, session_id: UUID, replay: Replay | None, *, others: bool = False
    ) -> None:
        """Ends a session of the caller or, with `others`, of any user in the tenant.

        Raises `SessionNotFound`, `IdempotencyKeyReused`.
        """
        time = self._clock.now()

        async def clear(tx: Write) -> bytes:
            found = await repository.session(tx, caller.tenant_id, session_id)
            now = milliseconds(time)
            session = _living(found, now) if others else _own(caller, found, now)
            await repository.clear_session(tx, session)
            return b""

        async def delete(tx: Write) -> None:
            await self._idempotency.once(tx, replay, time, lambda: clear(tx))

        await self._store.write(delete)

    async def delete_own(self, caller: Caller, replay: Replay | None) -> None:
        """Ends all of the caller's sessions in the active tenant. Raises `IdempotencyKeyReused`.

        The key is remembered with the last of them: a repeat after a crash ends the rest.
        """
        time = self._clock.now()
        tenant_id, user_id = caller.tenant_id, caller.user_id

        async def clear(tx: Write) -> bool:
            return await repository.clear_sessions_of_user(tx, tenant_id, user_id, _BATCH)

        async def clear_last(tx: Write) -> bytes:
            if not await clear(tx):
                raise _MoreLeft
            return b""

        async def delete(tx: Write) -> None:
            await self._idempotency.once(tx, replay, time, lambda: clear_last(tx))

        while True:
            try:
                return await self._store.write(delete)
            except _MoreLeft:
                await self._store.write(clear)

    async def erase_user(self, user_id: UUID) -> None:
        """Ends all sessions of a user, in every tenant, and has no new ones made."""
        until = self._clock.now() + self._memory

        async def erase(tx: Write) -> bool:
            await keys.DELETED_USERS.put(tx, user_id, until=until)
            tenant_id = await repository.tenant_of_user(tx, user_id)
            if tenant_id is None:
                return True
            await repository.clear_sessions_of_user(tx, tenant_id, user_id, _BATCH)
            return False

        while not await self._store.write(erase):
            pass

    async def end(self, tenant_id: UUID, user_id: UUID | None, epoch: int) -> None:
        """Ends sessions in a tenant, and has none made there by a token from before the epoch.

        Those that a later token has made stay: who was removed may have been invited again, and
        this may be a late repeat.

        Args:
            tenant_id: The tenant.
            user_id: Whose sessions; None for everybody's.
            epoch: The least epoch of the tenant whose tokens are right.
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

        after = await self._store.write(partial(end, after=None))
        while after is not None:
            after = await self._store.write(partial(end, after=after))

    async def export(self, user_id: UUID, token: str) -> Listing:
        """A page of a user's sessions in every tenant, like `list_own`. Raises `PageTokenInvalid`."""
        name = list_name("sessions", "export", str(user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> SessionPage:
            return await repository.sessions_everywhere(tx, user_id, after=after, limit=_BATCH)

        return self._listing(await self._store.read(read), name)

    async def _add(self, tx: Write, session: Session) -> bytes:
        quota = await repository.session_quota(
            tx, session.tenant_id, session.user_id, session.tenant_epoch
        )
        if quota.gone:
            raise AccessTokenRevoked
        if quota.count >= self._limit:
            raise SessionLimitReached({"limit": str(self._limit)})
        await repository.put_session(tx, session)
        return repository.pack_session(session)

    def _listing(self, page: SessionPage, name: bytes) -> Listing:
        now = milliseconds(self._clock.now())
        living = [session for session in page.sessions if session.expire_time > now]
        return Listing(living, self._page_tokens.make(page.last_key, name=name))


class _MoreLeft(Exception):
    """There are more sessions than one transaction may end; nothing of it is kept."""


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
