"""The end of a registration by the proof of its address, on the real store."""

import asyncio
from datetime import timedelta

import pytest

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from services.auth.accounts.servicer import new_account
from services.auth.email_addresses.errors import NewPasswordNeeded
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.model import User
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    OTHER_SEAL_KEY,
    PASSWORD,
    AuthHarness,
    ensure_self_tenant,
    make_settings,
    registration,
)

ADDRESS = "ada@example.com"


async def requested(harness: AuthHarness, email: str = EMAIL) -> Secrets:
    """The secrets of the email that a registration sends where addresses must be proved first."""
    await harness.registration_request.register(
        Call(None, METADATA), new_account(registration(email, company="Engines"))
    )
    return (await harness.mailed(EmailKind.CONFIRM_REGISTRATION))[-1]


async def test_the_one_who_registered_gets_the_account_as_entered(harness: AuthHarness) -> None:
    """With the registered password, by link or by code, the names and the password are kept."""
    for email in (EMAIL, "Eve@Example.com"):
        secrets = await requested(harness, email)
        proof = Proof(secrets.token)
        if email != EMAIL:
            proof = Proof("", "eve@example.com", secrets.code)
        user = await harness.prove(proof, new_password=PASSWORD)
        assert (user.email, user.first_name, user.company) == (email, "Ada", "Engines")
        assert user.email_verify_time == harness.clock.now()
        assert ensure_self_tenant(user) in await harness.tasks()
        assert await harness.logins_of(await harness.log_in(email)) != []


async def test_guesses_before_the_account_do_not_stop_its_logins(harness: AuthHarness) -> None:
    """A stranger who has guessed at an address without an account keeps no later owner out."""
    for _ in range(harness.settings.guesses_free):
        with pytest.raises(BadCredentials):
            await harness.log_in(password=OTHER_PASSWORD)
    secrets = await requested(harness)
    await harness.prove(Proof(secrets.token), new_password=PASSWORD)
    await harness.log_in()


async def test_no_login_begins_with_the_proof(harness: AuthHarness) -> None:
    """The proof answers with the user alone; a login takes the password."""
    secrets = await requested(harness)
    await harness.prove(Proof(secrets.token), new_password=PASSWORD)
    result = await harness.log_in()
    assert len(await harness.logins_of(result)) == 1


async def test_another_one_gets_an_account_without_the_entered_words(harness: AuthHarness) -> None:
    """With another password the account has that one, and no names: a stranger entered them."""
    secrets = await requested(harness)
    user = await harness.prove(Proof(secrets.token), new_password=OTHER_PASSWORD)
    assert (user.email, user.first_name, user.last_name, user.company) == (EMAIL, "", "", "")
    await harness.log_in(password=OTHER_PASSWORD)
    with pytest.raises(BadCredentials):
        await harness.log_in()


async def test_a_link_alone_makes_no_account(harness: AuthHarness) -> None:
    """Without a password, or with a bad one, nothing is made, and the token stays good."""
    secrets = await requested(harness)
    with pytest.raises(NewPasswordNeeded):
        await harness.prove(Proof(secrets.token))
    with pytest.raises(InvalidRequest) as error:
        await harness.prove(Proof(secrets.token), new_password="short")
    assert [bad.field for bad in error.value.violations] == ["newPassword"]
    assert await harness.tasks() == []
    await harness.prove(Proof(secrets.token), new_password=PASSWORD)


async def test_a_registration_is_completed_once(harness: AuthHarness) -> None:
    """Of several proofs at once one makes the account; other emails of the address are void then."""
    first, second = await requested(harness), await requested(harness)
    attempts = [
        harness.prove(Proof(one.token), new_password=OTHER_PASSWORD) for one in (first, second) * 3
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["OneTimeTokenInvalid"] * 5 + ["User"]
    for proof in (Proof(first.token), Proof(second.token), Proof("", ADDRESS, second.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await harness.prove(proof, new_password=OTHER_PASSWORD)


async def test_an_unproved_account_gives_way(harness: AuthHarness) -> None:
    """Nothing of an account that a stranger made works any more, and its data is erased."""
    stranger = await harness.register()
    secrets = await requested(harness)
    user = await harness.prove(Proof(secrets.token), new_password=OTHER_PASSWORD)
    assert user.user_id != stranger.user.user_id
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(stranger.tokens.refresh_token)
    assert OutboxTask(TaskKind.ERASE, stranger.user.user_id) in await harness.tasks()
    assert Revocation(stranger.user.user_id, harness.clock.now()) in await harness.revoked()
    with pytest.raises(BadCredentials):
        await harness.log_in()


async def test_a_proved_account_stays(harness: AuthHarness) -> None:
    """A registration is void once an account has proved its address."""
    secrets = await requested(harness)
    proved = await harness.register_proved()
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), new_password=OTHER_PASSWORD)
    assert (await harness.log_in()).user.user_id == proved.user.user_id


async def test_a_registration_expires(harness: AuthHarness) -> None:
    """After VERIFICATION_SECONDS the email is void."""
    secrets = await requested(harness)
    harness.clock.advance(
        seconds=timedelta(seconds=harness.settings.verification_seconds).total_seconds()
    )
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), new_password=PASSWORD)


async def test_a_registration_under_a_lost_seal_key_is_void(harness: AuthHarness) -> None:
    """What no listed key opens is answered like any other bad token."""
    secrets = await requested(harness)
    other = AuthHarness(harness.store, harness.clock, make_settings(SEAL_KEYS=OTHER_SEAL_KEY))
    with pytest.raises(OneTimeTokenInvalid):
        await other.prove(Proof(secrets.token), new_password=PASSWORD)
    await other.passwords.close()


async def test_a_user_who_is_logged_in_can_register_for_another_address(
    harness: AuthHarness,
) -> None:
    """The access token of another account makes no difference."""
    other = await harness.register("eve@example.com")
    secrets = await requested(harness)
    user = await harness.prove(Proof(secrets.token), other, PASSWORD)
    assert isinstance(user, User)
    assert user.user_id != other.user.user_id
