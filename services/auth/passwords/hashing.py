"""Argon2id hashes of passwords, computed off the event loop."""

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.policy import normal
from services.auth.settings import AuthSettings

_LOW_PRIORITY = 10  # nice

Result = TypeVar("Result")


class PasswordCheck(NamedTuple):
    """The outcome of a password check."""

    matches: bool
    needs_rehash: bool
    """Whether the hash was made with other settings than those in force."""


class Passwords:
    """Hashes and verifies passwords in a pool of threads of low priority.

    Argon2 releases the interpreter lock while it computes, so the event loop keeps answering. The
    size of the pool bounds the memory that hashing takes, the queue how long a caller waits.
    """

    def __init__(self, settings: AuthSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._pool = ThreadPoolExecutor(
            settings.hash_threads, thread_name_prefix="hash", initializer=_yield_to_others
        )
        self._free = settings.hash_threads + settings.hash_queue
        # Verified in place of the hash of an account that does not exist.
        self._dummy = self._hasher.hash(os.urandom(16))

    async def hash(self, password: str) -> str:
        """The hash of a password. Raises `HashingBusy`."""
        return await self._run(lambda: self._hasher.hash(normal(password)))

    async def verify(self, password_hash: str | None, password: str) -> PasswordCheck:
        """Whether the password matches; takes as long when there is no hash. Raises `HashingBusy`."""
        known = password_hash if password_hash is not None else self._dummy
        matches = await self._run(lambda: self._matches(known, normal(password)))
        if password_hash is None:
            return PasswordCheck(matches=False, needs_rehash=False)
        return PasswordCheck(matches, matches and self._hasher.check_needs_rehash(known))

    async def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise RuntimeError("a stored password hash is damaged") from error

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._free == 0:
            raise HashingBusy(retry_after=1)
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1


def _yield_to_others() -> None:
    # On Linux this is the thread's own priority; elsewhere it would be the whole process's.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, _LOW_PRIORITY)
