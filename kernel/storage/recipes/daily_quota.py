"""Limits of a day (UTC): how often something may happen for one subject.

The limit is exact: two transactions that take of the same quota at once conflict, and one repeats.
Subjects are stored as digests, because they may be addresses of people who never agreed to that.
"""

from datetime import datetime
from hashlib import sha256

from kernel.clock import day_of
from kernel.storage.families import COUNTER, Family, Part, digest, text
from kernel.storage.keys import Subspace
from kernel.storage.limits import counted
from kernel.storage.port import Read, Write


class DailyQuota:
    """Counts of a day, by limit and subject.

    Args:
        space: Where it is: (day, limit, digest of the subject) -> count. By day, so that the sweeper
            finds past days.

    Attributes:
        counts: The family of the counts.
    """

    def __init__(self, space: Subspace) -> None:
        self.counts = Family[int, str, bytes](
            space,
            Part("day", int, 5),
            text("limit", 10),
            digest("subject_digest", 32),
            value=COUNTER,
            life="two days, from the first of a day that counts against the limit",
        )

    async def take(self, tx: Write, day: int, limit: str, subject: bytes, most: int) -> bool:
        """Counts one more, and returns True, unless the day has `most` already.

        Args:
            tx: The transaction of what is limited.
            day: The day, see `kernel.clock.day_of`.
            limit: The name of the limit, at most 10 characters.
            subject: What the limit is of, such as an address.
            most: The limit.
        """
        # Because of the read, two concurrent transactions conflict, so the limit is exact.
        if await self.taken(tx, day, limit, subject) >= most:
            return False
        tx.add(self._key(day, limit, subject), 1)
        return True

    async def taken(self, tx: Read, day: int, limit: str, subject: bytes) -> int:
        """How often it has happened on a day; the arguments are those of `take`."""
        return counted(await tx.get(self._key(day, limit, subject)))

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Removes counts of past days, at most `limit` rows; returns how many.

        Yesterday's stay: clocks differ, and yesterday may not be over for another process.
        """
        begin, _ = self.counts.range()
        end = self.counts.space.pack((day_of(now) - 1,))
        rows = await tx.get_range(begin, end, limit=limit)
        for key, _ in rows:
            tx.clear(key)
        return len(rows)

    def _key(self, day: int, limit: str, subject: bytes) -> bytes:
        return self.counts.key(day, limit, sha256(subject).digest())
