"""What people do with their workspace sessions, and what they must be answered."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.simulation.life import Life
from tests.simulation.people import Login, Session
from tests.simulation.process import SESSIONS_PER_USER
from tests.simulation.world import Outcome


class SessionLife:
    """The acts of one device with the sessions of its person's self-tenant.

    Args:
        life: The device.
    """

    def __init__(self, life: Life) -> None:
        self.life = life

    async def act(self, login: Login) -> None:
        """Opens a session, or does something with one."""
        random = self.life.random
        sessions = [one for one in self.life.account.sessions if not one.maybe_gone]
        if not sessions or random.random() < 0.3:
            return await self._at_once(random.choice((1, 1, 2, 4)), self.open, login)
        if random.random() < 0.03:
            return await self.close_all(login)
        acts = (self.change, self.look, self.close)
        (act,) = random.choices(acts, (5, 4, 1))
        times = random.choice((1, 1, 2))
        return await self._at_once(times, act, login, random.choice(sessions))

    async def _at_once(
        self, times: int, act: Callable[..., Awaitable[None]], *given: object
    ) -> None:
        """Does something several times at once."""
        await asyncio.gather(*[act(*given) for _ in range(times)])

    async def look_at_last(self) -> None:
        """Looks at every session of the person, after all troubles."""
        for login in self.life.account.living[:1]:
            for session in self.life.account.sessions:
                await self.look(login, session)

    async def _write(self, method: str, token: str, **fields: object) -> Outcome:
        """Calls a method with an idempotency key, or once without one."""
        if self.life.random.random() < 0.5:
            return await self.life.repeated(method, token, **fields)
        return await self.life.call(method, token, **fields)

    async def open(self, login: Login) -> None:
        """Opens a session."""
        account, alive, name = (
            self.life.account,
            login.alive,
            f"Session {self.life.world.next_call()}",
        )
        account.unknown_sessions += 1
        began = self.life.world.loop.time()
        found = await self._write(
            "sessions.SessionsService/CreateSession", login.tokens[-1], name=name
        )
        if found.ok or found.refused:
            account.unknown_sessions -= 1
        if found.ok:
            made = found.answer.session
            session = Session(made.session_id, made.revision, {made.revision: name})
            session.maybe_gone = found.began < account.session_ends.until
            account.sessions.append(session)
            kept = [one for one in account.sessions if not one.maybe_gone]
            if len(kept) > SESSIONS_PER_USER:
                self.life.broken(f"{account.email} has more sessions than it may")
        elif found.reason == "SESSION_LIMIT_REACHED":
            if self._possible_sessions(began) + found.refused <= SESSIONS_PER_USER:
                self.life.broken(f"{account.email} has not as many sessions as it may")
        elif found.refused:
            self.life.check_refusal(found, login, alive=alive)

    def _possible_sessions(self, since: float) -> int:
        """How many there may have been at any time since then."""
        there = [one for one in self.life.account.sessions if one.gone_since > since]
        return len(there) + self.life.account.unknown_sessions

    async def change(self, login: Login, session: Session) -> None:
        """Changes a session, if it has the revision that the caller knows."""
        known, alive, there = session.revision, login.alive, not session.maybe_gone
        name = f"Session {self.life.world.next_call()}"
        session.pending.add(name)
        fields = {"revision": known} if self.life.random.random() < 0.7 else {}
        found = await self._write(
            "sessions.SessionsService/UpdateSession",
            login.tokens[-1],
            session_id=session.session_id,
            name=name,
            **fields,
        )
        if found.ok and found.repeated:  # it shows the session as it is by now
            self._check_shown(
                session, known, found.answer.session.revision, found.answer.session.name
            )
        elif found.ok:
            revision = found.answer.session.revision
            if session.names.get(revision, name) != name or revision <= known:
                self.life.broken(f"two changes of a session made its revision {revision}")
            session.names[revision] = name
            session.revision = max(session.revision, revision)
        elif found.refused:
            session.pending.discard(name)
            if found.reason == "SESSION_NOT_FOUND" and there and not session.maybe_gone:
                self.life.broken("a session that nothing has ended is not found")
            self.life.check_refusal(found, login, alive=alive)

    async def look(self, login: Login, session: Session) -> None:
        """Reads a session: it has every change that was answered before."""
        known, alive, there = session.revision, login.alive, not session.maybe_gone
        late = session.gone_since < self.life.world.loop.time()
        found = await self.life.call(
            "sessions.SessionsService/GetSession",
            login.tokens[-1],
            session_id=session.session_id,
        )
        if found.ok:
            shown = found.answer.session
            if late:
                self.life.broken("a session that was ended is shown")
            self._check_shown(session, known, shown.revision, shown.name)
        elif found.refused:
            if found.reason == "SESSION_NOT_FOUND" and there and not session.maybe_gone:
                self.life.broken("a session that nothing has ended is not found")
            self.life.check_refusal(found, login, alive=alive)

    def _check_shown(self, session: Session, known: int, revision: int, name: str) -> None:
        if revision < known:
            self.life.broken(f"a session has revision {revision}, and {known} was answered")
        if session.names.get(revision, name) != name:
            self.life.broken(f"a session has another name at revision {revision} than was answered")
        if revision not in session.names and name not in session.pending:
            self.life.broken("a session has a name that nobody gave it")

    async def close(self, login: Login, session: Session) -> None:
        """Deletes a session."""
        session.maybe_gone = True
        found = await self.life.repeated(
            "sessions.SessionsService/DeleteSession",
            login.tokens[-1],
            session_id=session.session_id,
        )
        if found.ok:
            session.end(found.ended)

    async def close_all(self, login: Login) -> None:
        """Deletes all sessions of the tenant."""
        ended = list(self.life.account.sessions)
        for one in ended:
            one.maybe_gone = True
        account = self.life.account
        account.session_ends.open += 1
        found = await self.life.repeated(
            "sessions.SessionsService/DeleteSessions", login.tokens[-1]
        )
        account.session_ends.answered(found)
        if found.ok:
            for one in ended:
                one.end(found.ended)
