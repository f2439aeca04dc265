"""Ends an operator who has no second factor any more.

A grant needs one. Without this, a person with the password and the mailbox of an operator could recover
the account, set up a factor of their own, and act as the operator.
"""

from dataclasses import replace
from datetime import datetime

from kernel.storage import Write
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators import repository
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import NOWHERE, Event, SecurityEvent
from services.auth.users.model import User


def lose_operator(tx: Write, user: User, now: datetime) -> User:
    """The user as no operator, in a transaction that stores the user and ends all logins.

    Does nothing for a user who is none. Only the command line makes the user an operator again, also
    if it was the last one.
    """
    if not user.operator:
        return user
    repository.forget(tx, user.user_id)
    act = OperatorAct(now, user.user_id, Act.OPERATOR_REVOKED, NOWHERE, user.user_id)
    operator_log.append(tx, act)
    security_log.append(tx, SecurityEvent.by_operator(user.user_id, Event.OPERATOR_REVOKED, now))
    return replace(user, operator=False)
