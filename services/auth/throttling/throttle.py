"""Stops guesses of passwords and codes: exactly, however many replicas and networks take part.

A guess counts in a *lane*. An address has one, whether or not it has an account, so both cost the
same. A device that has logged in to the account before has one of its own, so strangers cannot lock
the owner out. After some failures in a row a lane pauses, longer with each failure; after a hundred
(NIST SP 800-63B-4, section 3.2.2) it takes no password until a reset by email, and a device counts as
unknown. Unknown devices also count in their network, over all accounts.

A lane without failures costs a login nothing but a read that the login makes anyway: a process checks
only a few guesses of it at the same time, and reads the lane when it has a place. A lane with failures
counts each guess before it is checked. So with R replicas no more than the free failures and a few
times R are ever checked without a pause.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kernel.emails import normalized_email
from kernel.errors import ServiceError
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.settings import AuthSettings
from services.auth.throttling import repository
from services.auth.throttling.attempt import Attempt, Guesser
from services.auth.throttling.devices import DeviceToken, DeviceTokens
from services.auth.throttling.errors import TooManyAttempts
from services.auth.throttling.failure_log import FailureLog
from services.auth.throttling.failures import Failures
from services.auth.throttling.model import LaneId
from services.auth.throttling.pauses import Pauses
from services.auth.throttling.places import Place, Places
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email

Find: TypeAlias = Callable[[Read], Awaitable[tuple[User, UUID]]]
"""Reads a caller's account and the device of the caller's login."""

_AT_ONCE = 5


class Throttle:
    """Decides which guesses may be checked, and counts those that were wrong.

    Args:
        runtime: The store of the failures.
        settings: The limits.
        log: Takes part in the transaction of each failure.
    """

    def __init__(self, runtime: Runtime, settings: AuthSettings, log: FailureLog) -> None:
        self._runtime = runtime
        self._pauses = Pauses(settings)
        self._failures = Failures(runtime, self._pauses, log)
        self._per_network = settings.guesses_per_network
        self._lanes = Places(min(_AT_ONCE, settings.guesses_free), settings.hash_queue)
        self._networks = Places(settings.guesses_per_network, settings.hash_queue)
        self._tokens = DeviceTokens(runtime.seal)

    @asynccontextmanager
    async def begin(
        self, call: Call, normalized_email: str, device_token: str = ""
    ) -> AsyncIterator[Attempt]:
        """A guess at the account of an address: its password, or a code that was mailed to it.

        Reads the account and its lanes in one transaction. Raises `TooManyAttempts`, `HashingBusy`.
        """
        token = self._tokens.read(device_token, normalized_email)
        async with AsyncExitStack() as stack:
            guesser, place = await self._by_address(stack, call, normalized_email, token)
            if token is not None and guesser.device_id is None:
                # The account does not know the device: only its address counts.
                await stack.aclose()
                guesser, place = await self._by_address(stack, call, normalized_email, None)
            self._check_network(guesser)
            async with self._begun(guesser, place) as attempt:
                yield attempt

    @asynccontextmanager
    async def begin_for_caller(self, call: Call, find: Find) -> AsyncIterator[Attempt]:
        """A guess at the password of a user who is logged in, from the device of the login.

        Its `user` is never None. Raises `HashingBusy`, and what `find` raises.
        """
        runtime, now = self._runtime, self._runtime.clock.now()

        async def look(tx: Read) -> Guesser:
            user, device_id = await find(tx)
            mac = self._mac("address", normalized_email(user.email))
            return await self._look(tx, call, (user, device_id), mac, b"", now)

        caller = call.caller
        async with self._lanes.take(caller.user_id.bytes + caller.login_id.bytes) as place:
            guesser = await runtime.store.read(look)
            async with self._begun(guesser, place) as attempt:
                yield attempt

    @asynccontextmanager
    async def begin_second_factor(self, call: Call, user_id: UUID) -> AsyncIterator[Attempt]:
        """A guess at the codes of a user, who has proved the password.

        Its `user` is None if the account has been deleted. While codes are stopped, only what cannot
        be guessed may be checked: a passkey or a recovery code. Raises `HashingBusy`.
        """
        lane_id, now = LaneId(user_id=user_id), self._runtime.clock.now()

        async def look(tx: Read) -> Guesser:
            user = await USERS.get(tx, user_id)
            lanes, _ = await repository.look(tx, [lane_id], b"", now)
            return Guesser(
                user=user,
                device_id=None,
                device=call.device,
                lane_id=lane_id,
                lane=lanes[0],
                network_mac=b"",
                network_failures=0,
                now=now,
            )

        async with self._lanes.take(b"second factor" + user_id.bytes) as place:
            guesser = await self._runtime.store.read(look)
            async with self._begun(guesser, place) as attempt:
                yield attempt

    async def forget_second_factor(self, tx: Write, user_id: UUID) -> None:
        """Removes the failures at the codes of a user."""
        await repository.clear_second_factor_lane(tx, user_id)

    async def forget(self, tx: Write, normalized_email: str, user_id: UUID) -> None:
        """Removes all failures of an account: when it begins, is reset, or is deleted."""
        await repository.clear_lanes(tx, self._mac("address", normalized_email), user_id)

    async def forget_address(self, tx: Write, normalized_email: str) -> None:
        """Removes the failures of an address: when its owner proves it, for whatever account."""
        await repository.clear_address_lane(tx, self._mac("address", normalized_email))

    def device_token(self, device_id: UUID, user: User) -> str:
        """The secret by which the account knows a device from now on."""
        return self._tokens.write(device_id, normalized_email(user.email), user)

    def known_device(self, device_token: str, user: User) -> UUID | None:
        """The device of a token if the account of a user knows it."""
        token = self._tokens.read(device_token, normalized_email(user.email))
        return token.device_id if token is not None and token.is_of(user) else None

    async def _by_address(
        self,
        stack: AsyncExitStack,
        call: Call,
        normalized_email: str,
        token: DeviceToken | None,
    ) -> tuple[Guesser, Place]:
        """Waits for a place, and then reads: a guess that waited sees those before it."""
        now, network = self._runtime.clock.now(), call.device.network
        mac = self._mac("address", normalized_email)
        network_mac = self._mac("network", network) if network else b""
        if token is None and network:
            await stack.enter_async_context(self._networks.take(network.encode()))
        key = mac if token is None else token.device_id.bytes
        place = await stack.enter_async_context(self._lanes.take(key))

        async def look(tx: Read) -> Guesser:
            user = await user_of_email(tx, normalized_email)
            known = token.device_id if token is not None and token.is_of(user) else None
            return await self._look(tx, call, (user, known), mac, network_mac, now)

        return await self._runtime.store.read(look), place

    async def _look(
        self,
        tx: Read,
        call: Call,
        who: tuple[User | None, UUID | None],
        mac: bytes,
        network_mac: bytes,
        now: datetime,
    ) -> Guesser:
        user, device_id = who
        lane_ids = [LaneId(email_mac=mac)]
        if user is not None and device_id is not None:
            lane_ids.append(LaneId(user_id=user.user_id, device_id=device_id))
        lanes, failures = await repository.look(tx, lane_ids, network_mac, now)
        if device_id is not None and self._pauses.is_over(lanes[-1], now):
            device_id = None
        lane = 0 if device_id is None else -1
        return Guesser(
            user=user,
            device_id=device_id,
            device=call.device,
            lane_id=lane_ids[lane],
            lane=lanes[lane],
            network_mac=network_mac if device_id is None else b"",
            network_failures=failures,
            now=now,
        )

    def _check_network(self, guesser: Guesser) -> None:
        if guesser.network_mac and guesser.network_failures >= self._per_network:
            rest = repository.rest_of_window(guesser.now)
            raise TooManyAttempts(retry_after=rest.total_seconds())

    @asynccontextmanager
    async def _begun(self, guesser: Guesser, place: Place) -> AsyncIterator[Attempt]:
        attempt = Attempt(self._runtime, self._pauses, self._failures, guesser)
        await attempt.reserve()
        if not attempt.allowed:
            place.give_back()
        try:
            yield attempt
        except ServiceError:
            await attempt.give_back()
            raise
        except BaseException:
            await attempt.cancelled()
            raise

    def _mac(self, purpose: str, text: str) -> bytes:
        # Under the first seal key: after a rotation of the keys, addresses begin without failures.
        digest = self._runtime.seal.mac(f"throttled {purpose}", text.encode())
        return digest[: repository.MAC_BYTES]
