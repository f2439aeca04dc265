"""Passwords: which are good enough, and their Argon2id hashes off the event loop.

The rules are NIST SP 800-63B-4, section 3.1.1: length is what counts, anything printable goes,
nothing is required to be mixed in, and what is commonly tried first is refused.
"""

import asyncio
import gc
import os
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from kernel.fields import COMPOSED, Fields, printable
from services.auth.errors import HashingBusy
from services.auth.settings import AuthSettings

LEAST_CHARACTERS = 15
MOST_CHARACTERS = 256
_SHORT_UNIT = 4
_LOW_PRIORITY = 10  # nice

Result = TypeVar("Result")


class PasswordCheck(NamedTuple):
    """What a password check found."""

    matches: bool
    needs_rehash: bool
    """Whether the hash was made with other settings than those in force."""


class Passwords:
    """Hashes and verifies passwords in a pool of threads of low priority.

    Argon2 lets go of the interpreter while it computes, so the event loop keeps answering; the
    size of the pool bounds the memory that hashing takes, and the queue how long anybody waits.
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
        self._room = settings.hash_threads + settings.hash_queue
        # Verified in place of the hash of an account that does not exist.
        self._dummy = self._hasher.hash(os.urandom(16))

    async def hash(self, password: str) -> str:
        """The hash of a password. Raises `HashingBusy`."""
        return await self._run(lambda: self._hasher.hash(normal(password)))

    async def verify(self, password_hash: str | None, password: str) -> PasswordCheck:
        """Whether the password fits; takes as long when there is no hash. Raises `HashingBusy`."""
        known = password_hash if password_hash is not None else self._dummy
        matches = await self._run(lambda: self._matches(known, normal(password)))
        if password_hash is None:
            return PasswordCheck(matches=False, needs_rehash=False)
        return PasswordCheck(matches, matches and self._hasher.check_needs_rehash(known))

    async def close(self) -> None:
        """Lets the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise RuntimeError("a stored password hash is damaged") from error

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._room == 0:
            raise HashingBusy(retry_after=1)
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1


def normal(password: str) -> str:
    """The form of a password that is hashed: NFC, so that every keyboard gives the same.

    What is too long for any password stays as it is.
    """
    if len(password) > COMPOSED * MOST_CHARACTERS:
        return password
    return unicodedata.normalize("NFC", password)


def check(fields: Fields, field: str, password: str, email: str) -> None:
    """Notes in `fields` why a new password is not good enough."""
    text = normal(password)
    if len(text) < LEAST_CHARACTERS:
        fields.refuse(field, "TOO_SHORT", "Must have at least 15 characters.")
    elif len(text) > MOST_CHARACTERS:
        fields.refuse(field, "TOO_LONG", "Must have at most 256 characters.")
    elif not printable(text):
        fields.refuse(field, "UNPRINTABLE", "Must not contain control characters.")
    elif _guessable(text.casefold(), email.casefold()):
        fields.refuse(field, "COMMON", "Is one of the passwords that are tried first.")


def _guessable(password: str, email: str) -> bool:
    """Whether it is a common password, also repeated or padded, or the account's own address."""
    unit = _repeated_unit(password)
    core = unit.strip("0123456789 .,;:!?-_+*#@$%&/()=")
    return (
        len(unit) <= _SHORT_UNIT
        or password == email
        or not _common().isdisjoint({password, unit, core})
    )


def _repeated_unit(text: str) -> str:
    """The shortest beginning that, repeated and maybe cut short, gives the whole text."""
    for length in range(1, len(text)):
        if text.startswith(text[length:]):
            return text[:length]
    return text


@cache
def _common() -> frozenset[str]:
    """The 30,000 passwords found most often in leaks, as zxcvbn ships them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - large, needed once

    common = frozenset(FREQUENCY_LISTS["passwords"])
    # The rest of the package, 12 MB of names and words, is of no use here.
    FREQUENCY_LISTS.clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "zxcvbn"]:
        del sys.modules[name]
    gc.collect()
    return common


def _yield_to_others() -> None:
    # On Linux this is the thread's own priority; elsewhere it would be the whole process's.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, _LOW_PRIORITY)
