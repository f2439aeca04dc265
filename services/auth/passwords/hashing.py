"""Passwords: hashes, computed off the event loop, of those that the policy accepts.

New hashes are Argon2id. The hash of an imported account may have another form (`formats.py`), until
the first login with its password.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from prometheus_client import CollectorRegistry, Gauge, Histogram

from kernel import log, tracing
from services.auth.passwords.argon2_hash import Argon2Hash
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.context_words import AboutUser
from services.auth.passwords.fair_queue import FairQueue
from services.auth.passwords.formats import StoredHash, is_replaceable, new_decoy, parse, spellings
from services.auth.passwords.policy import PasswordPolicy, normal
from services.auth.settings import AuthSettings

_LOW_PRIORITY = 10  # nice
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

Result = TypeVar("Result")

_logger = log.get(__name__)


class PasswordCheck(NamedTuple):
    """The outcome of a password check."""

    matches: bool
    needs_rehash: bool
    """Whether the hash was made with other settings than those in force."""


class Passwords:
    """Hashes and verifies passwords in a pool of threads of low priority.

    A hash releases the interpreter lock while it is computed, so the event loop keeps answering. The
    size of the pool bounds the memory that hashing takes, the queue how long a caller waits. Networks
    take turns in the queue; calls without an address are a network of their own. Hashes of imported
    accounts that take more memory than those in force are verified one at a time, with a queue of
    their own before that of all.

    Attributes:
        settings: The settings in force, as `settings_of` gives them.
        decoy: A hash with these settings that matches no password.
        policy: What a new password must be.

    Args:
        settings: The cost of a hash, the threads and the queue.
        breached: Which passwords were found in breaches.
        registry: Gets the metrics; None for nowhere.
    """

    def __init__(
        self,
        settings: AuthSettings,
        breached: BreachedPasswords | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self.policy = PasswordPolicy(settings, breached)
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._pool = ThreadPoolExecutor(
            settings.hash_threads, thread_name_prefix="hash", initializer=_yield_to_others
        )
        self._queue = FairQueue(settings.hash_threads, settings.hash_queue)
        self._seconds = Histogram(
            "coditect_password_hash_seconds",
            "Time that a thread took to compute a password hash; the wait for the thread is not in it.",
            registry=registry,
            buckets=_SECONDS,
        )
        Gauge(
            "coditect_password_hashes_waiting",
            "Calls that wait for a thread to compute a password hash.",
            registry=registry,
        ).set_function(lambda: self._queue.waiting)
        self._large = FairQueue(1, settings.hash_queue)
        self._memory_kib = settings.argon2_memory_kib
        self.settings = (
            f"$argon2id$v=19$m={settings.argon2_memory_kib}"
            f",t={settings.argon2_passes},p={settings.argon2_lanes}"
        )
        decoy = new_decoy(self.settings)
        assert decoy is not None, "the settings are those of a hash"
        self.decoy = decoy

    async def hash_new(self, field: str, password: str, about: AboutUser, network: str) -> str:
        """The hash of a new password that is good enough; see `PasswordPolicy.require` and `hash`.

        Raises `InvalidRequest`, `HashingBusy`.
        """
        await self.policy.require(field, password, about)
        return await self.hash(password, network)

    async def hash(self, password: str, network: str) -> str:
        """The hash of a password; waits in the queue of a network. Raises `HashingBusy`."""
        work = partial(Argon2Hash.of, normal(password).encode(), self.settings)
        return await self._run(network, work)

    async def verify(
        self, password_hash: str, password: str, network: str, *, known: bool = False
    ) -> PasswordCheck:
        """Whether a password matches; waits in the queue of a network. Raises `HashingBusy`.

        A caller on a known device does not wait for those on other ones. No password matches a damaged
        hash, which takes as long as one with the settings in force.
        """
        stored = parse(password_hash)
        if stored is None:  # the doctor says whose it is
            _logger.error("stored password hash is damaged")
            stored = self.decoy
        forms = spellings(stored, password, normal(password))
        work, large = partial(_matches, stored, forms), stored.memory_kib > self._memory_kib
        matches = await self._run(network, work, known=known, large=large)
        return PasswordCheck(matches, matches and self._needs_rehash(stored, password))

    async def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False)

    def _needs_rehash(self, stored: StoredHash, password: str) -> bool:
        try:
            return self._hasher.check_needs_rehash(stored.text)
        except InvalidHashError:  # another form than Argon2
            return is_replaceable(stored, password)

    async def _run(
        self, network: str, work: Callable[[], Result], *, known: bool = False, large: bool = False
    ) -> Result:
        entered: list[FairQueue] = []
        try:
            with tracing.span("wait for password hash"):
                for queue in (self._large, self._queue) if large else (self._queue,):
                    await queue.enter(network, known=known)
                    entered.append(queue)
            running = asyncio.get_running_loop().run_in_executor(self._pool, self._timed, work)
        except BaseException:
            _leave(entered)
            raise
        running.add_done_callback(lambda _: _leave(entered))
        with tracing.span("hash password"):
            # The thread computes on if the caller is cancelled, and keeps its place until it is done.
            return await asyncio.shield(running)

    def _timed(self, work: Callable[[], Result]) -> Result:
        with self._seconds.time():
            return work()


def _leave(queues: Sequence[FairQueue]) -> None:
    for queue in queues:
        queue.leave()


def _matches(stored: StoredHash, forms: Sequence[bytes]) -> bool:
    # All of them: a match is no faster than a mismatch.
    return any([stored.matches(form) for form in forms])  # noqa: C419


def _yield_to_others() -> None:
    # On Linux this is the thread's own priority; elsewhere it would be the whole process's.
    if sys.platform == "linux":
        # A process that is started with a lower one may not raise it.
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(own, _LOW_PRIORITY))
