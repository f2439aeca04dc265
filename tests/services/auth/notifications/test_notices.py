"""Which changes of an account its user gets a notice of."""

from contextlib import suppress

import pytest

from kernel.storage import Store
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid
from services.auth.notifications.model import EmailKind
from services.auth.passwords.errors import PasswordWrong
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.services.auth.notifications.harness import DEVICE, Post, drain, waiting
from tests.support.clock import FixedClock


async def test_a_changed_password_is_noticed(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """One email, to the user, about the device that changed it; no word of a typed name in it."""
    await mailing.signing_keys.refresh()
    result = await mailing.register_proved()
    await mailing.password_change.change(mailing.call(result), PASSWORD, OTHER_PASSWORD)
    assert await drain(mailing, post) == (1, 0)
    (email,) = post.emails
    assert (email["To"], email["Subject"]) == ("Ada@Example.com", "Your password was changed")
    assert "192.0.2.1" in email.get_body(("plain",)).get_content()
    for word in ("Lovelace", "Engines", PASSWORD, OTHER_PASSWORD):
        assert word not in str(email)
    assert await waiting(store) == 0


async def test_a_refused_change_of_a_password_is_not_noticed(
    mailing: AuthHarness, store: Store
) -> None:
    """The email belongs to the transaction of the change."""
    await mailing.signing_keys.refresh()
    result = await mailing.register_proved()
    with pytest.raises(PasswordWrong):
        await mailing.password_change.change(mailing.call(result), OTHER_PASSWORD, PASSWORD)
    assert await waiting(store) == 0


async def test_a_refresh_token_that_is_used_twice_is_noticed_once(
    mailing: AuthHarness, post: Post, clock: FixedClock
) -> None:
    """With the device of the second use. Later uses find no login, and send nothing."""
    await mailing.signing_keys.refresh()
    token = (await mailing.register_proved()).tokens.refresh_token
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


async def test_an_expired_login_is_not_noticed(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """Its refresh token is refused, but no copy of it was used."""
    await mailing.signing_keys.refresh()
    token = (await mailing.register_proved()).tokens.refresh_token
    clock.advance(days=400)
    with pytest.raises(RefreshTokenInvalid):
        await mailing.refresh_login.refresh(token)
    assert await waiting(store) == 0


async def test_an_unproved_address_gets_no_notice(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """It may be that of another person: the only email there is the proof that a stranger asked for."""
    await mailing.signing_keys.refresh()
    result = await mailing.register()
    assert await mailing.recipients(EmailKind.VERIFY_EMAIL) == [EMAIL]
    await mailing.log_in()
    for _ in range(mailing.settings.guesses_free):
        with suppress(BadCredentials):
            await mailing.log_in(password=OTHER_PASSWORD)
    assert len(mailing.failure_log.noticed) == 1
    await mailing.password_change.change(mailing.call(result), PASSWORD, OTHER_PASSWORD)
    await mailing.refresh_login.refresh(result.tokens.refresh_token)
    clock.advance(minutes=5)
    with pytest.raises(RefreshTokenInvalid):
        await mailing.refresh_login.refresh(result.tokens.refresh_token)
    assert await waiting(store) == 0


async def test_a_proved_address_gets_a_notice_of_a_new_device_and_of_stopped_guesses(
    mailing: AuthHarness,
) -> None:
    """One of each, to the user."""
    await mailing.signing_keys.refresh()
    await mailing.register_proved()
    await mailing.log_in()
    assert await mailing.recipients(EmailKind.NEW_DEVICE) == [EMAIL]
    for _ in range(mailing.settings.guesses_free):
        with suppress(BadCredentials):
            await mailing.log_in(password=OTHER_PASSWORD)
    assert await mailing.recipients(EmailKind.GUESSES_STOPPED) == [EMAIL]
