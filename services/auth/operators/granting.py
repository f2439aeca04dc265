"""Makes users operators, and takes that back: on the command line of the store's host.

It needs the store alone, so it works while no service runs. Services learn of it as of any other
change: the next tokens of the user say it, and a revocation ends all logins of the user.
"""

from datetime import datetime

from kernel.clock import Clock
from kernel.emails import normalized_email
from kernel.identity.devices import Device
from kernel.storage import Read, Store, Write
from services.auth.logins.devices import end_logins
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators import repository
from services.auth.operators.errors import NotGranted
from services.auth.operators.model import KnownOperator, Operator
from services.auth.operators.repository import OPERATORS
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email

COMMAND = Device("command line", "")
"""What an act on the command line comes from."""
_MOST = 1_000


class Granting:
    """The use cases of a person with access to the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def grant(self, email: str) -> User:
        """Makes the user of an address an operator. Raises `NotGranted`."""
        now = self._clock.now()

        async def grant(tx: Write) -> User:
            user = await _require(tx, email)
            if user.operator:
                raise NotGranted(f"{email} is an operator already.")
            if user.disabled:
                raise NotGranted(f"{email} is disabled; enable the account first.")
            if not user.email_verified:
                raise NotGranted(f"{email} has not proved the address.")
            if not user.second_factor:
                raise NotGranted(f"{email} has no second factor, which an operator needs.")
            await repository.put(tx, user, Operator(user.user_id, now))
            _log(tx, user, Act.OPERATOR_GRANTED, Event.OPERATOR_GRANTED, now)
            return user

        return await self._store.write(grant)

    async def revoke(self, email: str, *, also_last: bool = False) -> User:
        """Makes an operator a user like any other, and ends all logins. Raises `NotGranted`.

        The last operator is refused unless `also_last`. Of two revocations at once, the second one
        sees the first: the transaction reads all operators.
        """
        now = self._clock.now()

        async def revoke(tx: Write) -> User:
            user = await _require(tx, email)
            operator = await OPERATORS.get(tx, user.user_id)
            if operator is None:
                raise NotGranted(f"{email} is no operator.")
            others = await OPERATORS.page(tx, after=None, limit=2)
            if len(others.items) == 1 and not also_last:
                raise NotGranted(f"{email} is the last operator; --last revokes that one, too.")
            await repository.clear(tx, user, operator)
            await end_logins(tx, user.user_id, now)
            _log(tx, user, Act.OPERATOR_REVOKED, Event.OPERATOR_REVOKED, now)
            return user

        return await self._store.write(revoke, essential=True)

    async def list(self) -> list[KnownOperator]:
        """All operators, in the order of their ids; the first thousand."""

        async def read(tx: Read) -> list[KnownOperator]:
            found = await OPERATORS.page(tx, after=None, limit=_MOST)
            return await known(tx, found.items)

        return await self._store.read(read)


async def known(tx: Read, operators: list[Operator]) -> list[KnownOperator]:
    """The operators with their users."""
    users = await USERS.get_many(tx, [(operator.user_id,) for operator in operators])
    by_id = {user.user_id: user for user in users}
    return [KnownOperator(one, by_id[one.user_id]) for one in operators if one.user_id in by_id]


async def _require(tx: Read, email: str) -> User:
    user = await user_of_email(tx, normalized_email(email))
    if user is None:
        raise NotGranted(f"There is no user with the address {email}.")
    return user


def _log(tx: Write, user: User, act: Act, event: Event, now: datetime) -> None:
    operator_log.append(tx, OperatorAct(now, None, act, COMMAND, user.user_id))
    security_log.append(tx, SecurityEvent.by_operator(user.user_id, event, now))
