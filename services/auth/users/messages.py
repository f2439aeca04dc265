"""The messages about users that several servicers send."""

from coditect.auth.v5 import user_pb2
from kernel.clock import timestamp
from services.auth.users.model import User


def user_message(user: User) -> user_pb2.User:
    """A user as its owner sees it."""
    return user_pb2.User(
        user_id=str(user.user_id),
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        company=user.company,
        create_time=timestamp(user.create_time),
        email_verified=user.email_verified,
        language=user.language,
        second_factor=user.second_factor,
    )
