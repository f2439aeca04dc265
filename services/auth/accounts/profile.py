"""What a user enters about itself: name, company and language."""

from dataclasses import asdict, dataclass, replace
from uuid import UUID

from kernel.fields import Fields
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import Repeat
from services.auth.keys import IDEMPOTENCY
from services.auth.notifications.language import check_language
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.errors import UserNotFound
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user


@dataclass(frozen=True, slots=True)
class ProfileUpdate:
    """What a user enters; None leaves a value as it is."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    language: str | None = None

    def applied_to(self, user: User) -> User:
        """The user with what is given here."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(user, **given)


class AccountProfile:
    """The use cases around a profile."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def get(self, call: Call) -> User:
        """The caller's account. Raises `AccessTokenRevoked` if it has been deleted."""
        return await self._runtime.store.read(lambda tx: require_user(tx, call.caller.user_id))

    async def of_user(self, user_id: UUID) -> User:
        """The account of any user, for other services. Raises `UserNotFound`."""
        user = await self._runtime.store.read(lambda tx: USERS.get(tx, user_id))
        if user is None:
            raise UserNotFound
        return user

    async def update(self, call: Call, update: ProfileUpdate) -> User:
        """Changes what is given of the caller's profile.

        Raises `IdempotencyKeyReused`; `InvalidRequest` for a language that does not exist.
        """
        fields = Fields()
        if update.language is not None:
            check_language(fields, update.language)
        fields.check()

        async def change(tx: Write) -> User:
            user = await require_user(tx, call.caller.user_id)
            changed = update.applied_to(user)
            if (changed.first_name, changed.last_name) != (user.first_name, user.last_name):
                changed = replace(changed, profile_revision=user.profile_revision + 1)
                outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id))
            await USERS.put(tx, changed)
            return changed

        async def again(tx: Read, _: bytes) -> User:
            return await require_user(tx, call.caller.user_id)

        store, now = self._runtime.store, self._runtime.clock.now()
        return await IDEMPOTENCY.write(store, call.idempotency, now, change, Repeat(again))
