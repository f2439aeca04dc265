"""Which changes of an account are told to its user by email."""

import pytest

from kernel.storage import Store
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.passwords.errors import PasswordWrong
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.services.auth.notifications.harness import DEVICE, Post, drain, waiting
from tests.support.clock import FixedClock


async def registered(harness: AuthHarness) -> LoginResult:
    """A new user, whose first email, the proof of the address, has been sent already."""
    result = await harness.register()
    assert await harness.recipients(EmailKind.VERIFY_EMAIL) == [result.user.email]
    return result


async def test_a_changed_password_is_told(mailing: AuthHarness, store: Store, post: Post) -> None:
    """One email, to the user, about the device that changed it; no word of a typed name in it."""
    await mailing.signing_keys.refresh()
    result = await registered(mailing)
    await mailing.password_change.change(mailing.call(result), PASSWORD, OTHER_PASSWORD)
    assert await drain(mailing, post) == (1, 0)
    (email,) = post.emails
    assert (email["To"], email["Subject"]) == ("Ada@Example.com", "Your password was changed")
    assert "192.0.2.1" in email.get_body(("plain",)).get_content()
    for word in ("Lovelace", "Engines", PASSWORD, OTHER_PASSWORD):
        assert word not in str(email)
    assert await waiting(store) == 0


async def test_a_refused_change_of_a_password_is_not_told(
    mailing: AuthHarness, store: Store
) -> None:
    """The email belongs to the transaction of the change."""
    await mailing.signing_keys.refresh()
    result = await registered(mailing)
    with pytest.raises(PasswordWrong):
        await mailing.password_change.change(mailing.call(result), OTHER_PASSWORD, PASSWORD)
    assert await waiting(store) == 0


async def test_a_refresh_token_that_is_used_twice_is_told_once(
    mailing: AuthHarness, post: Post, clock: FixedClock
) -> None:
    """With the device of the second use. Later uses find no login, and send nothing."""
    await mailing.signing_keys.refresh()
    token = (await registered(mailing)).tokens.refresh_token
    await mailing.refresh_login.refresh(token)
    assert await drain(mailing, post) == (0, 0)
    clock.advance(minutes=5)
    for _ in range(2):
        with pytest.raises(RefreshTokenInvalid):
            await mailing.refresh_login.refresh(token, device=DEVICE)
    assert await drain(mailing, post) == (1, 0)
    (email,) = post.emails
    assert email["Subject"] == "We ended a login of your account"
    assert "Device: Firefox on Linux" in email.get_body(("plain",)).get_content()


async def test_an_expired_login_is_not_told(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """Its refresh token is refused, but no copy of it was used."""
    await mailing.signing_keys.refresh()
    token = (await registered(mailing)).tokens.refresh_token
    clock.advance(days=400)
    with pytest.raises(RefreshTokenInvalid):
        await mailing.refresh_login.refresh(token)
    assert await waiting(store) == 0
