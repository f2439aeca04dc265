"""Changing a password, and the logins that end with the change."""

import pytest

from kernel.errors import InvalidRequest
from kernel.identity.revocations import Revocation
from services.auth.keys import AUTH
from services.auth.logins.errors import BadCredentials
from services.auth.passwords.errors import PasswordWrong
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump, rows_between


async def test_a_password_change_ends_the_other_logins(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """One transaction replaces the password and revokes all logins except the caller's."""
    result = await harness.register()
    others = [harness.caller(await harness.log_in()).login_id for _ in range(3)]
    clock.advance(seconds=1)
    watched.writes = 0
    await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)
    assert watched.writes == 1
    kept = [login.login_id for login in await harness.logins_of(result)]
    assert kept == [harness.caller(result).login_id]
    assert sorted(await harness.revoked(), key=str) == sorted(
        (Revocation(result.user.user_id, clock.now(), other) for other in others), key=str
    )
    with pytest.raises(BadCredentials):
        await harness.log_in()
    await harness.log_in(password=OTHER_PASSWORD)


async def test_a_bad_new_password_changes_nothing(harness: AuthHarness) -> None:
    """The password policy applies to the new password too."""
    result = await harness.register()
    before = await dump(harness.store)
    with pytest.raises(InvalidRequest) as error:
        await harness.password_change.change(harness.call(result), PASSWORD, EMAIL)
    assert [bad.field for bad in error.value.violations] == ["newPassword"]
    assert await dump(harness.store) == before


async def test_the_wrong_current_password_changes_nothing(harness: AuthHarness) -> None:
    """Auth refuses a password change and a deletion with a wrong password."""
    result = await harness.register()
    before = await _kept(harness)
    for action in (
        harness.password_change.change(harness.call(result), OTHER_PASSWORD, OTHER_PASSWORD),
        harness.deletion.delete(harness.call(result), OTHER_PASSWORD),
    ):
        with pytest.raises(PasswordWrong):
            await action
    assert await _kept(harness) == before


async def _kept(harness: AuthHarness) -> list[tuple[bytes, bytes]]:
    """All rows but those that count failures, and the log of the user."""
    rows = await rows_between(harness.store, *AUTH.range())
    counted = tuple(
        AUTH[name].prefix for name in ("throttling", "security_log", "security_log_count")
    )
    return [row for row in rows if not row[0].startswith(counted)]
