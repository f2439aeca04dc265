"""Deleting an account, and the logins and tokens that end with it."""

import pytest

from kernel.identity.revocations import Revocation
from services.auth.logins import repository as logins
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.passwords.errors import PasswordWrong
from services.auth.users import repository as users
from tests.services.auth.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    ensure_self_tenant,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, rows_between


async def test_deletion_is_one_transaction(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """One transaction deletes user and logins, revokes tokens, and adds an outbox task."""
    result = await harness.register()
    await harness.log_in()
    user_id = result.user.user_id
    login_ids = [login.login_id for login in await harness.logins_of(result)]
    watched.writes = 0
    await harness.deletion.delete(harness.call(result), PASSWORD)
    assert watched.writes == 1
    assert await harness.revoked() == [
        *(Revocation(user_id, clock.now(), login_id) for login_id in login_ids),
        Revocation(user_id, clock.now()),
    ]
    assert await harness.tasks() == [
        ensure_self_tenant(result.user),
        OutboxTask(TaskKind.ERASE, user_id),
    ]
    for space in (users.USER, users.EMAIL, logins.LOGIN, logins.LOGIN_EXPIRY.entries):
        assert await rows_between(harness.store, *space.range()) == []


async def test_a_concurrent_password_change_refuses_the_deletion(harness: AuthHarness) -> None:
    """Auth refuses the deletion if the password changes after auth has checked the old one."""
    result = await harness.register()
    call = harness.call(result)

    async def change() -> None:
        await harness.password_change.change(call, PASSWORD, OTHER_PASSWORD)

    harness.passwords.meanwhile = change
    with pytest.raises(PasswordWrong):
        await harness.deletion.delete(call, PASSWORD)
    await harness.log_in(password=OTHER_PASSWORD)


async def test_the_address_of_a_deleted_user_can_be_registered_again(harness: AuthHarness) -> None:
    """The new account has another user id and another self-tenant."""
    first = await harness.register()
    await harness.deletion.delete(harness.call(first), PASSWORD)
    second = await harness.register()
    assert second.user.user_id != first.user.user_id
    assert second.tenant.tenant_id != first.tenant.tenant_id
