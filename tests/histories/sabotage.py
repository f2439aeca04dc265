"""Starts a service with a fault that was put in on purpose: `python -m tests.histories.sabotage FAULT MODULE`.

Each fault breaks one promise in a way that no single client could see.
"""

import asyncio
import random
import runpy
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

_CACHE_SECONDS = 0.5
_LATE_SECONDS = 0.05


def _spent_tokens_are_good() -> None:
    from services.auth.logins.refresh import RefreshLogin  # noqa: PLC0415

    RefreshLogin._is_good = (  # type: ignore[method-assign]
        lambda _, __, login, now: login.expire_time > now
    )


def _revisions_are_not_compared() -> None:
    from services.sessions import sessions  # noqa: PLC0415

    changed = sessions._changed
    sessions._changed = lambda session, changes, now: changed(
        session, replace(changes, revision=None), now
    )


def _reads_are_cached() -> None:
    from services.sessions.sessions import Sessions  # noqa: PLC0415

    get, cache = Sessions.get, dict[Any, tuple[float, Any]]()

    async def cached(self: Sessions, call: Any, session_id: Any) -> Any:
        when, found = cache.get(session_id, (0.0, None))
        if time.monotonic() - when > _CACHE_SECONDS:
            found = await get(self, call, session_id)
            cache[session_id] = time.monotonic(), found
        return found

    Sessions.get = cached  # type: ignore[method-assign]


def _changes_are_answered_before_they_are_stored() -> None:
    from services.sessions import repository, sessions  # noqa: PLC0415

    update, late = sessions.Sessions.update, set[Any]()

    async def later(self: Any, call: Any, session_id: Any, changes: Any) -> None:
        await asyncio.sleep(_LATE_SECONDS)
        await update(self, call, session_id, replace(changes, revision=None))

    async def answered(self: Any, call: Any, session_id: Any, changes: Any) -> Any:
        found = await self._store.read(
            lambda tx: repository.session(tx, call.tenant_id, session_id)
        )
        now = self._now()
        changed = sessions._changed(sessions._own(call.caller, found, now), changes, now)
        late.add(asyncio.create_task(later(self, call, session_id, changes)))
        return changed

    sessions.Sessions.update = answered  # type: ignore[method-assign]


def _keys_are_looked_up_before_the_transaction() -> None:
    from kernel.storage.recipes import idempotency  # noqa: PLC0415

    async def write(
        self: Any, store: Any, request: Any, now: Any, action: Any, repeat: Any, **more: Any
    ) -> Any:
        async def unlooked(tx: Any) -> Any:
            result = await action(tx)
            caller, key = idempotency._names(request)
            end = idempotency.milliseconds(now + idempotency.LIFE)
            record = idempotency._Record(caller, key, request.digest, repeat.keep(result), end)
            await self._table.put(tx, record)
            return result

        if request is None:
            return await store.write(action, **more)
        found = await store.read(lambda tx: self.find(tx, request, now, repeat))
        if found is not None:
            return found.value
        await asyncio.sleep(random.uniform(0, _LATE_SECONDS))
        return await store.write(unlooked, **more)

    idempotency.Idempotency.write = write  # type: ignore[method-assign]


def _one_session_too_many() -> None:
    from services.sessions import sessions  # noqa: PLC0415

    used = sessions._used

    async def one_less(tx: Any, caller: Any) -> int:
        return await used(tx, caller) - 1

    sessions._used = one_less


def _invitations_stay() -> None:
    from services.tenants.invitations.repository import INVITATIONS  # noqa: PLC0415

    _never_cleared(INVITATIONS)


def _never_cleared(table: Any) -> None:
    kind = type(table)
    clear = kind.clear

    async def kept(self: Any, tx: Any, one: Any) -> None:
        if self is not table:
            await clear(self, tx, one)

    kind.clear = kept


def _owners_are_not_counted() -> None:
    from services.tenants.members import succession  # noqa: PLC0415

    async def pass_by(*_: Any) -> None:
        pass

    succession.require_another = pass_by


def _wrong_codes_are_not_counted() -> None:
    from services.auth.one_time_tokens import one_time_tokens  # noqa: PLC0415

    one_time_tokens._tried = lambda token: token


def _device_codes_are_good_twice() -> None:
    from services.auth.device_login.model import DeviceLogin  # noqa: PLC0415

    DeviceLogin.redeemed = lambda self, _: self  # type: ignore[method-assign]


def _some_failures_are_not_counted() -> None:
    from services.auth.throttling.pauses import Pauses  # noqa: PLC0415

    failed = Pauses.failed

    def some(self: Pauses, lane: Any, lane_id: Any, now: Any) -> Any:
        forgotten = lane is not None and random.random() < 0.5
        return lane if forgotten else failed(self, lane, lane_id, now)

    Pauses.failed = some  # type: ignore[method-assign]


def _ended_logins_are_not_revoked() -> None:
    from services.auth.logins import devices  # noqa: PLC0415

    # Of logins alone: other revocations are waited for.
    devices.revocations = SimpleNamespace(append_revocation=lambda *_: None)


class Fault(NamedTuple):
    """A fault.

    Attributes:
        context: The service that has it; empty for all.
        scenario: Which scenario finds it.
        put_in: Changes the code of this process.
    """

    context: str
    scenario: str
    put_in: Callable[[], None]


FAULTS: Mapping[str, Fault] = {
    "spent-refresh-tokens-are-good": Fault("auth", "refreshes", _spent_tokens_are_good),
    "revisions-are-not-compared": Fault("sessions", "revisions", _revisions_are_not_compared),
    "reads-are-cached": Fault("sessions", "revisions", _reads_are_cached),
    "changes-are-answered-before-they-are-stored": Fault(
        "sessions", "revisions", _changes_are_answered_before_they_are_stored
    ),
    "keys-are-looked-up-before-the-transaction": Fault(
        "sessions", "repeats", _keys_are_looked_up_before_the_transaction
    ),
    "one-session-too-many": Fault("sessions", "repeats", _one_session_too_many),
    "invitations-stay": Fault("tenants", "invitations", _invitations_stay),
    "owners-are-not-counted": Fault("tenants", "members", _owners_are_not_counted),
    "wrong-codes-are-not-counted": Fault("auth", "proofs", _wrong_codes_are_not_counted),
    "device-codes-are-good-twice": Fault("auth", "devices", _device_codes_are_good_twice),
    "some-failures-are-not-counted": Fault("auth", "guesses", _some_failures_are_not_counted),
    "ended-logins-are-not-revoked": Fault("auth", "revocations", _ended_logins_are_not_revoked),
}


def main() -> None:
    """Puts the fault in and runs the service."""
    fault, module = sys.argv[1:]
    if FAULTS[fault].context in module:
        FAULTS[fault].put_in()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
