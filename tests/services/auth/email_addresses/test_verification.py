"""The verification of an address, on the real store."""

import asyncio
from datetime import timedelta

import pytest

from kernel.errors import InvalidRequest, ServiceError
from kernel.identity.callers import Call
from services.auth.email_addresses.errors import NewPasswordNeeded
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.model import User
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    ensure_self_tenant,
)

ADDRESS = "ada@example.com"
EVE = "Eve@Example.com"


async def asked(harness: AuthHarness, who: LoginResult) -> Secrets:
    """The secrets of the email that a user asks for."""
    await harness.mailed(EmailKind.VERIFY_EMAIL)  # those of before come first
    await harness.verification.send(harness.call(who))
    return (await harness.mailed(EmailKind.VERIFY_EMAIL))[-1]


async def prove(
    harness: AuthHarness, proof: Proof, who: LoginResult | None = None, new_password: str = ""
) -> User:
    """Proves an address, as a logged-in user or as somebody else."""
    call = Call(None, METADATA) if who is None else harness.call(who)
    return await harness.proofs.prove(call, proof, new_password)


async def test_a_user_proves_the_address(harness: AuthHarness) -> None:
    """With link or code, a user who is logged in proves the address, and keeps everything."""
    for email in (EMAIL, EVE):
        who = await harness.register(email)
        secrets = await asked(harness, who)
        proof = Proof(token=secrets.token)
        if email == EVE:
            proof = Proof(normalized_email="eve@example.com", code=secrets.code.lower())
        user = await prove(harness, proof, who)
        assert (user.user_id, user.email_verify_time) == (who.user.user_id, harness.clock.now())
        assert user == await harness.profile.get(harness.call(who))
        assert len(await harness.logins_of(who)) == 1
    assert await harness.revoked() == []


async def test_the_next_token_says_that_the_address_is_proved(harness: AuthHarness) -> None:
    """A token from before says no, a refreshed one yes."""
    who = await harness.register()
    secrets = await asked(harness, who)
    await prove(harness, Proof(secrets.token), who)
    assert who.tokens.refresh_token is not None
    refreshed = await harness.refresh_login.refresh(who.tokens.refresh_token)
    claims = [harness.caller(one).email_verified for one in (who, refreshed)]
    assert claims == [False, True]


async def test_tenants_learns_that_the_address_is_proved(harness: AuthHarness) -> None:
    """The proof queues an update of the profile."""
    who = await harness.register()
    secrets = await asked(harness, who)
    user = await prove(harness, Proof(secrets.token), who)
    assert OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id) in await harness.tasks()


async def test_a_proof_is_good_once(harness: AuthHarness) -> None:
    """Of several proofs at once one succeeds, and none later; the other emails are void, too."""
    who = await harness.register()
    first, second = await asked(harness, who), await asked(harness, who)
    attempts = [prove(harness, Proof(first.token), who) for _ in range(8)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(one) for one in results].count(User) == 1
    assert {type(one) for one in results} == {User, OneTimeTokenInvalid}
    for one in (Proof(first.token), Proof(second.token), Proof("", ADDRESS, second.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await prove(harness, one, who)


async def test_a_proof_of_another_user(harness: AuthHarness) -> None:
    """A user who is logged in elsewhere cannot use it, and it stays good for its user."""
    who, eve = await harness.register(), await harness.register(EVE)
    secrets = await asked(harness, who)
    for proof in (Proof(secrets.token), Proof("", ADDRESS, secrets.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await prove(harness, proof, eve)
    with pytest.raises(OneTimeTokenInvalid):
        await prove(harness, Proof("", "eve@example.com", secrets.code), who)
    assert (await prove(harness, Proof(secrets.token), who)).email_verified


async def test_a_proof_expires(harness: AuthHarness) -> None:
    """After VERIFICATION_SECONDS it is void."""
    who = await harness.register()
    secrets, call = await asked(harness, who), harness.call(who)
    harness.clock.advance(seconds=harness.settings.verification_seconds)
    for proof in (Proof(secrets.token), Proof("", ADDRESS, secrets.code)):
        with pytest.raises(OneTimeTokenInvalid):
            await harness.proofs.prove(call, proof, "")


async def test_no_email_for_a_proved_address(harness: AuthHarness) -> None:
    """Once the address is proved, a request mails nothing."""
    who = await harness.register()
    secrets = await asked(harness, who)
    await prove(harness, Proof(secrets.token), who)
    before = await harness.mailed(EmailKind.VERIFY_EMAIL)
    await harness.verification.send(harness.call(who))
    assert await harness.mailed(EmailKind.VERIFY_EMAIL) == before


async def test_a_proof_without_login_needs_a_new_password(harness: AuthHarness) -> None:
    """A link alone shows no account: nothing changes, and the link stays good."""
    who = await harness.register()
    secrets = await asked(harness, who)
    for proof in (Proof(secrets.token), Proof("", ADDRESS, secrets.code)):
        with pytest.raises(NewPasswordNeeded):
            await prove(harness, proof)
    with pytest.raises(InvalidRequest):
        await prove(harness, Proof(secrets.token), new_password="short")
    assert not (await harness.profile.get(harness.call(who))).email_verified
    assert (await prove(harness, Proof(secrets.token), who)).email_verified


async def test_an_account_starts_over(harness: AuthHarness) -> None:
    """Proved with a new password, nothing of the stranger who registered the address is left."""
    stranger = await harness.register()
    other_device = await harness.log_in()
    secrets = await asked(harness, stranger)
    user = await prove(harness, Proof(secrets.token), new_password=OTHER_PASSWORD)

    assert user.user_id != stranger.user.user_id
    assert (user.first_name, user.last_name, user.company) == ("", "", "")
    assert user.email_verified
    assert {one.user_id for one in await harness.revoked()} == {stranger.user.user_id}
    assert await harness.logins_of(stranger) == []
    tasks = await harness.tasks()
    assert OutboxTask(TaskKind.ERASE, stranger.user.user_id) in tasks
    assert tasks[-1] == ensure_self_tenant(user)
    for one in (stranger, other_device):
        assert one.tokens.refresh_token is not None
        with pytest.raises(ServiceError):
            await harness.refresh_login.refresh(one.tokens.refresh_token)
    with pytest.raises(BadCredentials):
        await harness.log_in(password=PASSWORD)
    assert (await harness.log_in(password=OTHER_PASSWORD)).user.user_id == user.user_id
    with pytest.raises(OneTimeTokenInvalid):
        await prove(harness, Proof(secrets.token), new_password=OTHER_PASSWORD)


async def test_a_mailbox_gets_few_emails(harness: AuthHarness) -> None:
    """Over the limit of the mailbox no email is queued, and those that were mailed stay good."""
    who = await harness.register()
    most = harness.settings.emails_per_mailbox
    for _ in range(most + 3):
        secrets = await asked(harness, who)
        harness.clock.advance(seconds=1)
    assert len(await harness.mailed(EmailKind.VERIFY_EMAIL)) <= most
    harness.clock.advance(seconds=timedelta(seconds=1).total_seconds())
    assert (await prove(harness, Proof(secrets.token), who)).email_verified
