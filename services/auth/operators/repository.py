"""How operators are stored. Their user records say it, too, so that a login reads nothing more."""

from dataclasses import replace
from uuid import UUID

from coditect.auth.records.v1 import operators_pb2
from kernel.clock import datetime_of, timestamp
from kernel.errors import OperatorRequired, UserIsOperator
from kernel.identity.callers import Caller
from kernel.storage import Read, Write
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.operators.model import Operator
from services.auth.users.model import User
from services.auth.users.repository import USERS


def _fill(record: operators_pb2.OperatorRecord, new: Operator) -> None:
    record.user_id = str(new.user_id)
    record.grant_time.CopyFrom(timestamp(new.grant_time))


def _parse(record: operators_pb2.OperatorRecord) -> Operator:
    return Operator(UUID(record.user_id), datetime_of(record.grant_time))


OPERATOR = Family[UUID](
    AUTH["operator"],
    uuid("user_id"),
    value=record("coditect.auth.records.v1.OperatorRecord", 60),
    life="until it is revoked, or the account is deleted",
)
OPERATORS = Table(
    OPERATOR,
    operators_pb2.OperatorRecord,
    key=lambda operator: (operator.user_id,),
    fill=_fill,
    parse=_parse,
)


async def require_operator(tx: Read, caller: Caller) -> None:
    """Raises `OperatorRequired` unless the caller is an operator as the store has it.

    Call it in the transaction of an act: a token is trusted for a moment after a revocation.
    """
    if await tx.get(OPERATOR.key(caller.user_id)) is None:
        raise OperatorRequired


def require_other(user: User) -> None:
    """Raises `UserIsOperator`: no operator acts on an operator, nor on themselves."""
    if user.operator:
        raise UserIsOperator


async def put(tx: Write, user: User, operator: Operator) -> None:
    """Makes a user an operator."""
    await OPERATORS.put(tx, operator)
    await USERS.put(tx, replace(user, operator=True))


async def clear(tx: Write, user: User, operator: Operator) -> None:
    """Makes an operator a user like any other."""
    await OPERATORS.clear(tx, operator)
    await USERS.put(tx, replace(user, operator=False))


def forget(tx: Write, user_id: UUID) -> None:
    """Removes the row of a deleted user, if there is one."""
    tx.clear(OPERATOR.key(user_id))
