"""An operator at work, without a server."""

from dataclasses import replace
from uuid import UUID

from kernel.identity.callers import Assurance, Call, Caller
from kernel.storage import Write
from services.auth import operator_wiring
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import OperatorAct
from services.auth.operators import repository as operators
from services.auth.operators.model import Operator
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user
from tests.services.auth.harness import METADATA, AuthHarness
from tests.support.tokens import caller_of, somebody

REASON = "Ticket 4711"


class Desk:
    """The desk of an operator over a replica of auth.

    Attributes:
        operator: The operator, whom the store knows.
        call: A call of the operator.
    """

    def __init__(self, harness: AuthHarness, operator: Caller) -> None:
        self._harness = harness
        self.operator = operator
        self.call = Call(operator, METADATA)
        parts = operator_wiring.operator_users(harness.parts, None)  # type: ignore[arg-type] # exports are tested over HTTP
        self.looking, self.access = parts.looking, parts.access
        self.recovering, self.keeping = parts.recovering, parts.keeping

    async def acts(self) -> list[OperatorAct]:
        """The operator log, the oldest act first."""
        found = await self._harness.store.read(
            lambda tx: operator_log.acts(tx, lambda _: True, after=None, limit=1000)
        )
        return found.items[::-1]

    async def user(self, user_id: UUID) -> User | None:
        """A user in the store."""
        return await self._harness.store.read(lambda tx: USERS.get(tx, user_id))


async def open_desk(harness: AuthHarness, email: str = "operator@example.com") -> Desk:
    """The desk of a new operator."""
    result = await harness.register(email)
    user_id = result.user.user_id

    async def grant(tx: Write) -> None:
        user = await require_user(tx, user_id)
        await operators.put(tx, user, Operator(user_id, harness.clock.now()))

    await harness.store.write(grant)
    caller = caller_of(somebody(user_id=user_id))
    return Desk(harness, replace(caller, operator=True, assurance=Assurance.AAL2))


async def dismiss(harness: AuthHarness, desk: Desk) -> None:
    """Makes the operator a user like any other; the token of the call still says otherwise."""

    async def revoke(tx: Write) -> None:
        user = await require_user(tx, desk.operator.user_id)
        operator = await operators.OPERATORS.get(tx, user.user_id)
        assert operator is not None
        await operators.clear(tx, user, operator)

    await harness.store.write(revoke)
