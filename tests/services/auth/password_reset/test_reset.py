"""Recovery of an account whose password is forgotten, on the real store."""

import asyncio

import pytest

from kernel.emails import normalized_email
from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.outbox.model import OutboxTask, TaskKind
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    keys_of,
)

ADDRESS = "ada@example.com"
CALL = Call(None, METADATA)


async def forgotten(harness: AuthHarness, address: str = ADDRESS) -> Secrets:
    """The secrets of the email that is queued for an address."""
    await harness.forgot.ask(CALL, address)
    return (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]


async def reset(harness: AuthHarness, proof: Proof, password: str = OTHER_PASSWORD) -> None:
    """Resets the password."""
    await harness.reset.reset(CALL, proof, password)


async def proved(harness: AuthHarness, email: str = EMAIL) -> LoginResult:
    """A new account whose address is proved."""
    who = await harness.register(email)
    await harness.verification.send(harness.call(who))
    secrets = (await harness.mailed(EmailKind.VERIFY_EMAIL))[-1]
    await harness.proofs.prove(harness.call(who), Proof(secrets.token), "")
    return who


@pytest.mark.parametrize("by_code", [False, True])
async def test_a_password_is_reset(harness: AuthHarness, by_code: bool) -> None:
    """The new password logs in, the old one does not, and every login of before has ended."""
    who = await proved(harness)
    other = await harness.log_in()
    secrets = await forgotten(harness)
    await reset(harness, Proof("", ADDRESS, secrets.code) if by_code else Proof(secrets.token))

    with pytest.raises(BadCredentials):
        await harness.log_in(password=PASSWORD)
    assert (await harness.log_in(password=OTHER_PASSWORD)).user.user_id == who.user.user_id
    ended = {harness.caller(one).login_id for one in (who, other)}
    assert {one.source_id for one in await harness.revoked()} == ended
    for one in (who, other):
        assert one.tokens.refresh_token is not None
        with pytest.raises(RefreshTokenInvalid):
            await harness.refresh_login.refresh(one.tokens.refresh_token)


async def test_a_reset_is_good_once(harness: AuthHarness) -> None:
    """Of several resets at once one succeeds; then all that were mailed are void."""
    await proved(harness)
    first, second = await forgotten(harness), await forgotten(harness)
    attempts = [reset(harness, Proof(first.token), f"{OTHER_PASSWORD} {n}") for n in range(8)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert results.count(None) == 1
    assert {type(one) for one in results} == {type(None), OneTimeTokenInvalid}
    for proof in (Proof(first.token), Proof(second.token), Proof("", ADDRESS, second.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await reset(harness, proof)
    assert await harness.log_in(password=f"{OTHER_PASSWORD} {results.index(None)}")


async def test_a_bad_password_spends_nothing(harness: AuthHarness) -> None:
    """A password against the rules is refused, and the link stays good."""
    await proved(harness)
    secrets = await forgotten(harness)
    for bad in ("short", ADDRESS):
        with pytest.raises(InvalidRequest):
            await reset(harness, Proof(secrets.token), bad)
    await reset(harness, Proof(secrets.token))


async def test_an_unproved_account_starts_over(harness: AuthHarness) -> None:
    """A reset proves the address; of an account that another person may have made nothing is left."""
    stranger = await harness.register()
    secrets = await forgotten(harness)
    await reset(harness, Proof(secrets.token))

    who = await harness.log_in(password=OTHER_PASSWORD)
    assert who.user.user_id != stranger.user.user_id
    assert who.user.email_verified
    assert who.user.first_name == ""
    erased = stranger.user.user_id
    assert OutboxTask(TaskKind.ERASE, erased) in await harness.tasks()
    revoked = await harness.revoked()
    assert Revocation(erased, harness.clock.now()) in revoked
    assert {one.user_id for one in revoked} == {erased}


async def test_an_address_without_an_account(harness: AuthHarness) -> None:
    """A request writes the same rows, but its token resets nothing."""
    await proved(harness)
    harness.clock.advance(hours=24)  # the counts of a day begin anew
    await forgotten(harness, "first@example.com")
    before = set(await keys_of(harness.store))
    known = await forgotten(harness)
    between = set(await keys_of(harness.store))
    unknown = await forgotten(harness, "eve@example.com")
    after = set(await keys_of(harness.store))
    assert len(after - between) == len(between - before)
    with pytest.raises(OneTimeTokenInvalid):
        await reset(harness, Proof(unknown.token))
    await reset(harness, Proof(known.token))


async def test_an_address_that_is_too_long(harness: AuthHarness) -> None:
    """An address that no account can have is no error."""
    secrets = await forgotten(harness, normalized_email("x" * 100_000))
    with pytest.raises(OneTimeTokenInvalid):
        await reset(harness, Proof(secrets.token))


async def test_a_reset_of_another_account(harness: AuthHarness) -> None:
    """A code counts for the address that it was mailed to, and a token for no other purpose."""
    who = await proved(harness)
    eve = await harness.register("Eve@Example.com")
    secrets = await forgotten(harness)
    with pytest.raises(OneTimeTokenInvalid):
        await reset(harness, Proof("", "eve@example.com", secrets.code))
    for caller in (who, eve):
        with pytest.raises(OneTimeTokenInvalid):
            await harness.proofs.prove(harness.call(caller), Proof(secrets.token), "")
    await harness.verification.send(harness.call(eve))
    verification = (await harness.mailed(EmailKind.VERIFY_EMAIL))[-1]
    with pytest.raises(OneTimeTokenInvalid):
        await reset(harness, Proof(verification.token))


async def test_a_reset_expires(harness: AuthHarness) -> None:
    """After RESET_SECONDS neither link nor code is good."""
    await proved(harness)
    secrets = await forgotten(harness)
    harness.clock.advance(seconds=harness.settings.reset_seconds)
    for proof in (Proof(secrets.token), Proof("", ADDRESS, secrets.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await reset(harness, proof)


async def test_a_reset_of_a_deleted_account(harness: AuthHarness) -> None:
    """After the deletion of the account its reset is void, as if there had never been an account."""
    who = await proved(harness)
    secrets = await forgotten(harness)
    await harness.deletion.delete(harness.call(who), PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await reset(harness, Proof(secrets.token))


async def test_the_next_login_starts_in_the_self_tenant(harness: AuthHarness) -> None:
    """An intruder may have switched to another tenant."""
    who = await proved(harness)
    user = who.user
    await harness.reset.reset(CALL, Proof((await forgotten(harness)).token), OTHER_PASSWORD)
    result = await harness.log_in(password=OTHER_PASSWORD)
    assert result.tenant.is_self_tenant
    assert result.user.password_revision == user.password_revision + 1
