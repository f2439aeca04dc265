"""Users as messages for operators."""

from coditect.auth.v5 import operator_users_pb2
from kernel.clock import timestamp
from services.auth.users.model import User

_TIMES = ("disable_time", "hold_time", "delete_time")


def operated_user(user: User) -> operator_users_pb2.OperatedUser:
    """A user as an operator sees it."""
    times = {name: getattr(user, name) for name in _TIMES}
    return operator_users_pb2.OperatedUser(
        user_id=str(user.user_id),
        email=user.email,
        email_verified=user.email_verified,
        first_name=user.first_name,
        last_name=user.last_name,
        company=user.company,
        language=user.language,
        create_time=timestamp(user.create_time),
        second_factor=user.second_factor,
        operator=user.operator,
        **{name: timestamp(time) for name, time in times.items() if time is not None},
    )
