"""Faults that are put into the product on purpose, one for each promise: the simulation finds them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from kernel.storage.recipes.idempotency import Idempotency
from kernel.storage.recipes.work_queue import WorkQueue
from services.auth.accounts.deletion import AccountDeletions
from services.auth.device_login.model import DeviceLogin
from services.auth.logins.refresh import RefreshLogin
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.repository import USERS
from services.sessions import repository as sessions
from services.tenants.revocations.repository import TOKEN_REVOCATIONS

_QUOTA = sessions.session_quota
_UPDATE = sessions.update_session
_WORK_ON = WorkQueue.work_on
_IS_GOOD = RefreshLogin._is_good
_DELETE = AccountDeletions.delete

Fault = Callable[[], AbstractContextManager[object]]


def _nothing(*_: Any, **__: Any) -> None:
    return None


async def _nothing_later(*_: Any, **__: Any) -> None:
    return None


_NO_REVOCATION = SimpleNamespace(append_revocation=_nothing)


async def _as_enabled(tx: Any, user_id: Any) -> Any:
    """Reads a user without seeing that it is disabled."""
    user = await USERS.get(tx, user_id)
    return None if user is None else replace(user, disable_time=None)


async def _delete_held(self: Any, tx: Any, user: Any, *given: Any) -> Any:
    """Deletes a user without seeing that it is under a legal hold."""
    return await _DELETE(self, tx, replace(user, hold_time=None), *given)


async def _quota_beside(tx: Any, *given: Any) -> Any:
    """Reads the number of sessions as a read outside the transaction would: without a conflict."""
    keys, ranges = set(tx.read_keys), list(tx.read_ranges)
    found = await _QUOTA(tx, *given)
    tx.read_keys, tx.read_ranges = keys, ranges
    return found


async def _update_beside(tx: Any, *given: Any) -> Any:
    """Changes a session that was read outside the transaction."""
    keys, ranges = set(tx.read_keys), list(tx.read_ranges)
    found = await _UPDATE(tx, *given)
    tx.read_keys, tx.read_ranges = keys, ranges
    return found


async def _once_always(_: Any, tx: Any, __: Any, ___: Any, action: Any, ____: Any) -> Any:
    """Forgets idempotency keys."""
    return await action(tx)


async def _work_twice(self: Any, store: Any, clock: Any, claim: Any, work: Any) -> bool:
    """Does work of which the end is not noted."""
    with suppress(Exception):
        await work(claim.item.payload)
    return await _WORK_ON(self, store, clock, claim, work)


def _any_successor(self: RefreshToken, _: bytes) -> RefreshToken:
    return RefreshToken(self.user_id, self.login_id, secrets.token_bytes(32))


def _forgiving(self: Any, token: Any, login: Any, now: Any) -> bool:
    """Takes a spent refresh token for good as long as its login is."""
    return bool(_IS_GOOD(self, token, login, now) or login.expire_time > now + timedelta(0))


FAULTS: dict[str, Fault] = {
    "": nullcontext,
    "a logout is not told to the services": lambda: patch(
        "services.auth.logins.devices.revocations", _NO_REVOCATION
    ),
    "a refresh token gets another successor each time": lambda: patch.object(
        RefreshToken, "successor", _any_successor
    ),
    "a spent refresh token is taken": lambda: patch.object(RefreshLogin, "_is_good", _forgiving),
    "idempotency keys are forgotten": lambda: patch.object(Idempotency, "once", _once_always),
    "sessions are counted outside the transaction": lambda: patch(
        "services.sessions.repository.session_quota", _quota_beside
    ),
    "a session is read outside the transaction that changes it": lambda: patch(
        "services.sessions.repository.update_session", _update_beside
    ),
    "the end of a personal token is not told to the services": lambda: patch(
        "services.auth.personal_access_tokens.revocation.revocations", _NO_REVOCATION
    ),
    "an email is sent twice": lambda: patch.object(WorkQueue, "work_on", _work_twice),
    "a one-time token is not spent": lambda: patch(
        "services.auth.password_reset.reset.one_time_tokens",
        SimpleNamespace(clear_of_address=_nothing_later, clear_of_user=_nothing_later),
    ),
    "a removal is not told to the services": lambda: patch.object(
        TOKEN_REVOCATIONS, "put", _nothing
    ),
    "the last owner can go": lambda: patch(
        "services.tenants.members.members.succession.require_another", _nothing_later
    ),
    "a disabled user can log in": lambda: patch(
        "services.auth.logins.begin.USERS", SimpleNamespace(get=_as_enabled, put=USERS.put)
    ),
    "a disabled user keeps the logins": lambda: patch(
        "services.auth.operator_users.access.end_logins", _nothing_later
    ),
    "a disabled user keeps the personal tokens": lambda: patch(
        "services.auth.operator_users.access.end_tokens", _nothing_later
    ),
    "an act is not in the operator log": lambda: patch(
        "services.auth.operator_users.acts.operator_log", SimpleNamespace(append=_nothing)
    ),
    "an act on an organization is in the operator log twice": lambda: patch(
        "services.auth.operator_log.log.OPERATOR_EVENTS",
        SimpleNamespace(get=_nothing_later, put=_nothing_later),
    ),
    "an operator acts on operators": lambda: patch(
        "services.auth.operator_users.acts.require_other", _nothing
    ),
    "an account under a legal hold is erased": lambda: patch.object(
        AccountDeletions, "delete", _delete_held
    ),
    "a grant is given twice for one approval": lambda: patch.object(
        DeviceLogin, "redeemed", lambda self, _: self
    ),
    "a device login is answered twice": lambda: patch.object(DeviceLogin, "is_pending", new=True),
    "a grant outlives its end": lambda: patch(
        "services.auth.grants.grants.end_login", _nothing_later
    ),
    "a suspended organization is open": lambda: patch(
        "services.tenants.operator_tenants.changes.revocations",
        SimpleNamespace(revoke_access=_nothing_later),
    ),
}
"""Each fault by its name; the empty one is none."""


@contextmanager
def broken(fault: str) -> Iterator[None]:
    """Breaks the product in one way while the context lasts."""
    with FAULTS[fault]():
        yield
