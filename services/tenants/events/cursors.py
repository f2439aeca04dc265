"""Cursors: places in the audit log of a tenant that callers keep, and that never skip an event."""

from typing import NamedTuple
from uuid import UUID

from kernel.errors import PageTokenInvalid
from kernel.seal import Seal
from kernel.storage import Read
from kernel.storage.families import COMMIT_BYTES
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.audit import repository as audit
from services.tenants.audit.model import LogEntry
from services.tenants.events.errors import CursorInvalid, EventsExpired

_UUID_BYTES = 16


class LogPlace(NamedTuple):
    """A place in a log.

    Attributes:
        commit: That of the last entry that was read: 12 bytes.
        event_id: The id of its event.
    """

    commit: bytes
    event_id: UUID


BEGIN = LogPlace(bytes(COMMIT_BYTES), UUID(int=0))
"""The place before the first entry of a log."""


def place_of(entry: LogEntry) -> LogPlace:
    """The place of an entry."""
    return LogPlace(entry.commit, entry.event_id)


class Cursors:
    """Makes and reads cursors: page tokens of the log that hold the id of an event, too."""

    def __init__(self, seal: Seal) -> None:
        self._tokens = PageTokens(seal)

    def make(self, tenant_id: UUID, place: LogPlace) -> str:
        """The cursor of a place in the log of a tenant."""
        return self._tokens.make(place.commit + place.event_id.bytes, name=_name(tenant_id))

    def read(self, tenant_id: UUID, cursor: str) -> LogPlace | None:
        """The place of a cursor; None for the empty one. Raises `CursorInvalid`."""
        try:
            found = self._tokens.read(cursor, name=_name(tenant_id))
        except PageTokenInvalid as error:
            raise CursorInvalid from error
        if found is None:
            return None
        if len(found) != COMMIT_BYTES + _UUID_BYTES:
            raise CursorInvalid
        return LogPlace(found[:COMMIT_BYTES], UUID(bytes=found[COMMIT_BYTES:]))


async def entries_after(
    tx: Read, tenant_id: UUID, place: LogPlace | None, limit: int
) -> list[LogEntry]:
    """The entries of a log after a place, at most `limit`; from the first one without a place.

    Raises `EventsExpired` if an entry after the place is gone. The entry at the place tells: it is
    the last one that was removed, or it is still there and none behind it was. A backup that is
    restored has no such entry, or another one, if the place is from after the backup.
    """
    if place is None:
        return await audit.entries_after(tx, tenant_id, b"", limit)
    removed = await audit.last_removed(tx, tenant_id)
    at_begin = place == BEGIN and not removed
    if not at_begin and place.commit != removed:
        last = await audit.entry_at(tx, tenant_id, place.commit)
        if place.commit < removed or last is None or place_of(last) != place:
            raise EventsExpired
    return await audit.entries_after(tx, tenant_id, place.commit, limit)


def _name(tenant_id: UUID) -> bytes:
    return list_name("events", str(tenant_id))
