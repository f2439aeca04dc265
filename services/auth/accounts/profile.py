"""What a user enters about itself: name and company."""

from dataclasses import dataclass, replace
from uuid import UUID

from kernel.clock import Clock
from kernel.fields import Fields
from kernel.identity.callers import Caller
from kernel.storage import Store, Write
from kernel.storage.recipes.idempotency import Replay
from services.auth.keys import IDEMPOTENCY
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.errors import UserNotFound
from services.auth.users.model import User
from services.auth.users.repository import ANSWER, USERS, require_user

NAME_CHARACTERS = 100
COMPANY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ProfileUpdate:
    """What a user enters; None leaves a value as it is."""

    first_name: str | None
    last_name: str | None
    company: str | None


class AccountProfile:
    """The use cases around a profile."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def get(self, caller: Caller) -> User:
        """The caller's account. Raises `AccessTokenRevoked` if it has been deleted."""
        return await self._store.read(lambda tx: require_user(tx, caller.user_id))

    async def of_user(self, user_id: UUID) -> User:
        """The account of any user, for other services. Raises `UserNotFound`."""
        user = await self._store.read(lambda tx: USERS.get(tx, user_id))
        if user is None:
            raise UserNotFound
        return user

    async def update(self, caller: Caller, update: ProfileUpdate, replay: Replay | None) -> User:
        """Changes what is given of the caller's profile. Raises `IdempotencyKeyReused`."""
        fields = Fields()
        update = checked(fields, update)
        fields.check()
        now = self._clock.now()
        given = {
            name: value
            for name in ("first_name", "last_name", "company")
            if (value := getattr(update, name)) is not None
        }

        async def change(tx: Write) -> bytes:
            user = await require_user(tx, caller.user_id)
            changed = replace(user, **given)
            if (changed.first_name, changed.last_name) != (user.first_name, user.last_name):
                changed = replace(changed, profile_revision=user.profile_revision + 1)
                outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id))
            await USERS.put(tx, changed)
            return ANSWER.pack(changed)

        async def once(tx: Write) -> bytes:
            return await IDEMPOTENCY.once(tx, replay, now, lambda: change(tx))

        return ANSWER.parse(await self._store.write(once))


def checked(fields: Fields, update: ProfileUpdate) -> ProfileUpdate:
    """The same with its texts trimmed and composed. Notes in `fields` what is wrong with them."""
    first, last, company = update.first_name, update.last_name, update.company
    most = NAME_CHARACTERS
    return ProfileUpdate(
        None if first is None else fields.text("firstName", first, min_length=1, max_length=most),
        None if last is None else fields.text("lastName", last, min_length=1, max_length=most),
        None if company is None else fields.text("company", company, max_length=COMPANY_CHARACTERS),
    )
