"""What always holds about second factors, beside what their tables declare."""

from collections.abc import Sequence

from coditect.auth.records.v1 import users_pb2
from kernel.storage.families import AnyFamily
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from services.auth.factors.repository import FACTOR_RECOVERY
from services.auth.users.repository import USER


def has_factors(family: AnyFamily) -> Invariant:
    """Every row of the family, whose keys begin with a user, is of one with a second factor."""
    return agrees(family, "has no user with a second factor", _user, _is_marked)


def _user(row: Row) -> list[bytes]:
    return [USER.key(row.elements[0])]


def _is_marked(_: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    return value is not None and users_pb2.UserRecord.FromString(value).second_factor


INVARIANTS: tuple[Invariant, ...] = (has_factors(FACTOR_RECOVERY),)
