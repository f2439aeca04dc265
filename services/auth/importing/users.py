"""The import of users: what a line must be, and what it writes.

A user is there already if the id of the line has the same address, or, in a line without an id, if the
address is that of a user. Then nothing is written, whatever else the line says: what has happened since
the first import stays.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock
from kernel.emails import checked_email, normalized_email
from kernel.fields import Fields
from kernel.identity.devices import Device
from kernel.ids import Ids
from kernel.import_lines import checked_time
from kernel.refusals import refusal
from kernel.storage import Read, Write
from services.auth.importing import factors
from services.auth.importing.factors import FactorReader, NewFactors
from services.auth.importing.lines import UserLine
from services.auth.notifications.language import check_language
from services.auth.passwords.notations import affordable, stored_form
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, keys_of, user_of_email

_NAME_CHARACTERS = 100
_COMPANY_CHARACTERS = 200
_LONGEST_DELAY = timedelta(days=90)  # DELETION_DAYS at most
_NOWHERE = Device("", "")


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user of a line that has been checked."""

    user: User
    has_id: bool
    """Whether the line says the id."""
    factors: NewFactors
    event: SecurityEvent

    @property
    def normalized_email(self) -> str:
        """The address, as addresses are compared."""
        return normalized_email(self.user.email)

    @property
    def keys(self) -> list[bytes]:
        """The keys that `ImportUsers.put` reads: a caller can read those of many users at once."""
        return keys_of(self.user)


class Placed(NamedTuple):
    """What became of a line about a user.

    Attributes:
        user: The user as stored.
        created: Whether the line has made the user; otherwise the user was there.
    """

    user: User
    created: bool


class ImportUsers:
    """The use case of an import of users."""

    def __init__(self, clock: Clock, ids: Ids, reader: FactorReader) -> None:
        self._clock = clock
        self._ids = ids
        self._reader = reader

    def prepare(self, line: UserLine) -> NewUser:
        """Checks a line without the store. Raises `InvalidRequest`."""
        fields, now = Fields(), self._clock.now()
        user = self._user(fields, line, now)
        has_id = line.id is not None
        new = self._reader.read(fields, line.factors, user, now, has_id=has_id)
        fields.check()
        event = SecurityEvent.done(user.user_id, Event.ACCOUNT_IMPORTED, now, _NOWHERE)
        return NewUser(replace(user, second_factor=new.has_authenticator), has_id, new, event)

    async def put(self, tx: Write, new: NewUser) -> Placed:
        """Stores a user, unless it is there. Writes nothing if it raises `InvalidRequest`.

        The caller's transaction makes the self-tenant of a user that is created.
        """
        found = await _found(tx, new)
        if found is not None:
            return Placed(found, created=False)
        await factors.require_new(tx, new.factors)
        await USERS.put(tx, new.user)
        security_log.append(tx, new.event)
        await factors.put(tx, new.factors)
        return Placed(new.user, created=True)

    def _user(self, fields: Fields, line: UserLine, now: datetime) -> User:
        made = checked_time(fields, "createTime", line.create_time, now)
        proved = None
        if line.email_verified or line.email_verify_time is not None:
            proved = checked_time(fields, "emailVerifyTime", line.email_verify_time, now)
        disabled = None
        if line.disabled or line.disable_time is not None:
            disabled = checked_time(fields, "disableTime", line.disable_time, now)
        held = None
        if line.hold_time is not None:
            held = checked_time(fields, "holdTime", line.hold_time, now)
        check_language(fields, line.language)
        return User(
            user_id=line.id or self._ids.uuid(),
            email=checked_email(fields, line.email),
            password_hash=_password_hash(fields, line.password_hash),
            first_name=fields.text("firstName", line.first_name, max_length=_NAME_CHARACTERS),
            last_name=fields.text("lastName", line.last_name, max_length=_NAME_CHARACTERS),
            company=fields.text("company", line.company, max_length=_COMPANY_CHARACTERS),
            create_time=made,
            email_verify_time=proved,
            language=line.language,
            disable_time=disabled,
            hold_time=held,
            delete_time=_delete_time(fields, line, now),
        )


def _delete_time(fields: Fields, line: UserLine, now: datetime) -> datetime | None:
    if line.delete_time is None:
        return None
    later = now + _LONGEST_DELAY
    return checked_time(fields, "deleteTime", line.delete_time, later)


async def user_for_membership(tx: Read, user_id: UUID | None, email: str) -> User:
    """The user whom a line about an organization names, by id or else by address.

    Raises `InvalidRequest` if there is none. An address must be proved, unless this import has made
    its user: otherwise a stranger who registered it would become a member.
    """
    if user_id is not None:
        user = await USERS.get(tx, user_id)
    else:
        user = await user_of_email(tx, normalized_email(email))
        if user is not None and not user.email_verified:
            raise refusal("userEmail", "EMAIL_NOT_VERIFIED", "Name such a user by `userId`.")
    if user is None:
        raise refusal("userEmail" if user_id is None else "userId", "NOT_FOUND", "Is no user.")
    return user


async def _found(tx: Read, new: NewUser) -> User | None:
    """The user of a line if there is one. Raises `InvalidRequest` if it is another one."""
    if new.has_id:
        user = await USERS.get(tx, new.user.user_id)
        if user is not None:
            if normalized_email(user.email) != new.normalized_email:
                raise refusal("id", "ID_TAKEN", "A user with this id has another address.")
            return user
    holder = await user_of_email(tx, new.normalized_email)
    if holder is None:
        return None
    if new.has_id or not (holder.email_verified or await _was_imported(tx, holder)):
        raise refusal("email", "EMAIL_TAKEN", "Another user has this address.")
    return holder


async def _was_imported(tx: Read, user: User) -> bool:
    """Whether an import has made the user, and not a person who may not have the address."""
    event = await security_log.first_event(tx, user.user_id)
    return event is not None and event.event is Event.ACCOUNT_IMPORTED


def _password_hash(fields: Fields, text: str) -> str:
    if not text:
        return ""
    stored = stored_form(text)
    if stored is None:
        fields.refuse("passwordHash", "UNKNOWN_HASH", "Is in no known form, or damaged.")
        return ""
    if not affordable(stored):
        fields.refuse("passwordHash", "HASH_TOO_COSTLY", "Takes too much memory or time.")
    return stored
