"""An operator, as a value."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class Operator:
    """A user who runs the product for others."""

    user_id: UUID
    grant_time: datetime
    """When the user was made an operator."""


class KnownOperator(NamedTuple):
    """An operator, and the user."""

    operator: Operator
    user: User
