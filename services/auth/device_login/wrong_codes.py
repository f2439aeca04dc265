"""Counts wrong user codes exactly, by user and by network, however many replicas take part.

A code has 34 bits and lives ten minutes, so a few hundred guesses find nothing; the limit also stops a
user, or a network, that tries for longer.
"""

from typing import NamedTuple

from kernel.clock import day_of, rest_of_day
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.device_login.codes import user_code_macs
from services.auth.device_login.errors import DeviceLoginNotFound, TooManyUserCodes
from services.auth.device_login.model import DeviceLogin
from services.auth.device_login.repository import BY_USER_CODE, DEVICE_LOGINS, WRONG_USER_CODES
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent

PER_USER = 30
"""The wrong codes of a user in a day (UTC)."""
PER_NETWORK = 300
"""The wrong codes of a network (/24 of IPv4, /48 of IPv6) in a day (UTC)."""


class _Miss(NamedTuple):
    """A code that leads to nothing.

    Attributes:
        event: What was logged; None if the code was not looked up, because the limit was reached.
    """

    event: SecurityEvent | None


class WaitingDevices:
    """Finds the device that waits with a code."""

    def __init__(self, runtime: Runtime, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._events = events

    async def find(self, call: Call, code: str | None) -> DeviceLogin:
        """The device login of a user code. Raises `DeviceLoginNotFound`, `TooManyUserCodes`.

        A text that is no user code is no guess, and not counted. A right code costs a read; a wrong one
        is looked up and counted in one transaction, so no guess is made beyond the limit.
        """
        if code is None:
            raise DeviceLoginNotFound
        runtime, macs = self._runtime, user_code_macs(code, self._runtime.seal)
        now = runtime.clock.now()
        limits, day = _limits(call), day_of(now)

        async def look(tx: Read) -> DeviceLogin | None:
            return await waiting(tx, macs) if await _free(tx, limits, day) else None

        async def miss(tx: Write) -> DeviceLogin | _Miss:
            if not await _free(tx, limits, day):
                return _Miss(None)
            found = await waiting(tx, macs)
            if found is not None and found.expire_time > now:
                return found
            for name, (subject, most) in limits.items():
                await WRONG_USER_CODES.take(tx, day, name, subject, most)
            event = await security_log.append_failure(
                tx, call.caller.user_id, call.device, now, event=Event.DEVICE_CODE_WRONG,
                login_id=call.caller.login_id,
            )  # fmt: skip
            return _Miss(event)

        found = await runtime.store.read(look)
        if found is not None and found.expire_time > now:
            return found
        # Essential: a full store must not answer guesses without an end.
        missed = await runtime.store.write(miss, essential=True)
        if isinstance(missed, DeviceLogin):
            return missed
        if missed.event is None:
            raise TooManyUserCodes(retry_after=rest_of_day(now).total_seconds())
        self._events.report(missed.event)
        raise DeviceLoginNotFound


async def waiting(tx: Read, macs: list[bytes]) -> DeviceLogin | None:
    """The device login with one of these digests of its user code, if no user has answered."""
    for mac in macs:
        found = await DEVICE_LOGINS.find(tx, BY_USER_CODE, mac)
        if found is not None:
            return found
    return None


def _limits(call: Call) -> dict[str, tuple[bytes, int]]:
    """The limits that count the codes of a caller: the subject and the most of each."""
    limits = {"user": (call.caller.user_id.bytes, PER_USER)}
    if network := call.device.network:
        limits["network"] = (network.encode(), PER_NETWORK)
    return limits


async def _free(tx: Read, limits: dict[str, tuple[bytes, int]], day: int) -> bool:
    """Whether no limit is reached."""
    for name, (subject, most) in limits.items():
        if await WRONG_USER_CODES.taken(tx, day, name, subject) >= most:
            return False
    return True
