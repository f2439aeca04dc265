"""The undoing of a change of address, on the real store."""

import asyncio
from datetime import timedelta

import pytest

from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Call
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid, SecondFactorWrong
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.repository import require_user, user_of_email
from tests.services.auth.apps import confirm, enroll
from tests.services.auth.harness import EMAIL, METADATA, OTHER_PASSWORD, PASSWORD, AuthHarness

CALL = Call(None, METADATA)

ADDRESS = "ada@example.com"
NEW = "eve@example.org"


async def asked(harness: AuthHarness, who: LoginResult, new: str = NEW) -> tuple[Secrets, Secrets]:
    """The secrets of the emails to the new address and to the old one."""
    await harness.change.ask(harness.call(who), new)
    proof = (await harness.mailed(EmailKind.CHANGE_EMAIL))[-1]
    return proof, (await harness.mailed(EmailKind.CHANGE_REQUESTED))[-1]


async def changed(harness: AuthHarness) -> tuple[LoginResult, Secrets]:
    """A user whose address has changed, and the secrets of the email to the old address."""
    who = await harness.register_proved()
    proof, undo = await asked(harness, who)
    await harness.prove(Proof(proof.token), who)
    return who, undo


async def test_the_old_address_is_back_after_the_change(harness: AuthHarness) -> None:
    """The account has its old address, proved, and tenants learns it; the new one is free."""
    who, undo = await changed(harness)
    await harness.undo.undo(CALL, undo.token)
    user = await harness.store.read(lambda tx: require_user(tx, who.user.user_id))
    assert (user.email, user.email_verified, user.profile_revision) == (EMAIL, True, 2)
    assert await harness.store.read(lambda tx: user_of_email(tx, NEW)) is None
    tasks = await harness.tasks()
    assert tasks.count(OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id)) == 3


async def test_a_change_is_undone_before_its_proof(harness: AuthHarness) -> None:
    """The proof of the change is void then, and so is every other one under way."""
    who = await harness.register_proved()
    other, _ = await asked(harness, who, "eve@example.net")
    proof, undo = await asked(harness, who)
    await harness.undo.undo(CALL, undo.token)
    for secrets in (other, proof):
        with pytest.raises(OneTimeTokenInvalid):
            await harness.prove(Proof(secrets.token), who)
    found = await harness.store.read(lambda tx: user_of_email(tx, ADDRESS))
    assert found is not None
    assert found.user_id == who.user.user_id


async def test_nothing_of_the_intruder_stays_good(harness: AuthHarness) -> None:
    """No login, no password and no other link works after an undo, the new mailbox's included."""
    who, undo = await changed(harness)
    intruder = await harness.log_in(NEW)
    await harness.forgot.ask(harness.call(who), NEW)
    reset = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
    proof, back = await asked(harness, intruder, "eve@example.net")
    await harness.undo.undo(CALL, undo.token)
    assert await harness.logins_of(who) == []
    ended = {revocation.source_id for revocation in await harness.revoked()}
    assert ended == {harness.caller(who).login_id, harness.caller(intruder).login_id}
    for login in (who, intruder):
        with pytest.raises(RefreshTokenInvalid):
            await harness.refresh_login.refresh(login.tokens.refresh_token)
    for email in (EMAIL, NEW):
        with pytest.raises(BadCredentials):
            await harness.log_in(email)
    with pytest.raises(AccessTokenRevoked):
        await harness.deletion.delete(harness.call(intruder), PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(proof.token), intruder)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, back.token)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.reset.reset(harness.call(who), Proof(reset.token), OTHER_PASSWORD)


async def test_an_email_to_the_old_address_sets_a_new_password(harness: AuthHarness) -> None:
    """The undo mails it; with it the user is back in the same account."""
    who, undo = await changed(harness)
    await harness.undo.undo(CALL, undo.token)
    assert await harness.recipients(EmailKind.RESET_PASSWORD) == [EMAIL]
    (reset,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    await harness.reset.reset(harness.call(who), Proof(reset.token), OTHER_PASSWORD)
    assert (await harness.log_in(password=OTHER_PASSWORD)).user.user_id == who.user.user_id


async def test_no_limit_holds_up_the_email_of_an_undo(harness: AuthHarness) -> None:
    """However many emails strangers have asked for, the owner gets the one that sets a password."""
    _, undo = await changed(harness)
    for number in range(harness.settings.emails_per_mailbox):
        network = Call(None, METADATA | {"x-forwarded-for": f"198.51.{number}.1"})
        await harness.forgot.ask(network, ADDRESS)
    before = await harness.mailed(EmailKind.RESET_PASSWORD)
    await harness.undo.undo(CALL, undo.token)
    assert len(await harness.mailed(EmailKind.RESET_PASSWORD)) == len(before) + 1


async def test_an_account_without_a_proof_does_not_hold_the_old_address(
    harness: AuthHarness,
) -> None:
    """A stranger who has registered the old address meanwhile is removed."""
    who, undo = await changed(harness)
    stranger = await harness.register()
    await harness.undo.undo(CALL, undo.token)
    found = await harness.store.read(lambda tx: user_of_email(tx, ADDRESS))
    assert found is not None
    assert found.user_id == who.user.user_id
    assert OutboxTask(TaskKind.ERASE, stranger.user.user_id) in await harness.tasks()


async def test_a_proved_account_keeps_the_old_address(harness: AuthHarness) -> None:
    """The link is void once another account has proved the old address."""
    who, undo = await changed(harness)
    other = await harness.register_proved()
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, undo.token)
    assert (await harness.log_in()).user.user_id == other.user.user_id
    assert (await harness.log_in(NEW)).user.user_id == who.user.user_id


async def test_a_change_is_undone_once(harness: AuthHarness) -> None:
    """Of several undos at once one succeeds, and none later."""
    _, undo = await changed(harness)
    attempts = [harness.undo.undo(CALL, undo.token) for _ in range(6)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert (
        sorted(type(one).__name__ for one in results) == ["NoneType"] + ["OneTimeTokenInvalid"] * 5
    )
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, undo.token)


async def test_a_change_of_the_password_leaves_the_undo_good(harness: AuthHarness) -> None:
    """An intruder who changes or resets the password of the account does not end the undo."""
    who, undo = await changed(harness)
    await harness.password_change.change(harness.call(who), PASSWORD, OTHER_PASSWORD)
    await harness.forgot.ask(harness.call(who), NEW)
    (reset,) = await harness.mailed(EmailKind.RESET_PASSWORD)
    await harness.reset.reset(harness.call(who), Proof(reset.token), PASSWORD)
    await harness.undo.undo(CALL, undo.token)
    with pytest.raises(BadCredentials):
        await harness.log_in(NEW)


async def test_a_change_of_the_address_again_leaves_the_undo_good(harness: AuthHarness) -> None:
    """An intruder who moves on to a second address does not end the undo to the first one."""
    who, undo = await changed(harness)
    for host in ("one", "two", "three", "four"):
        proof, _ = await asked(harness, who, f"eve@{host}.example.org")
        await harness.prove(Proof(proof.token), who)
    await harness.undo.undo(CALL, undo.token)
    found = await harness.store.read(lambda tx: user_of_email(tx, ADDRESS))
    assert found is not None
    assert found.user_id == who.user.user_id


async def test_an_undo_of_a_later_change_leaves_the_first_one_good(harness: AuthHarness) -> None:
    """An intruder who changes the address twice, and undoes the second change, does not keep it.

    So it is although the clock of the process that makes the second link is behind.
    """
    who, undo = await changed(harness)
    harness.clock.advance(seconds=-5)
    _, later = await asked(harness, who, "eve@example.net")
    harness.clock.advance(seconds=5)
    await harness.undo.undo(CALL, later.token)
    await harness.undo.undo(CALL, undo.token)
    found = await harness.store.read(lambda tx: user_of_email(tx, ADDRESS))
    assert found is not None
    assert found.user_id == who.user.user_id
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, later.token)


async def test_an_undo_is_good_for_a_week(harness: AuthHarness) -> None:
    """The link is good for UNDO_EMAIL_SECONDS."""
    for wait, good in ((-1, True), (0, False)):
        who = await harness.register_proved(f"ada{wait}@example.com")
        _, undo = await asked(harness, who, f"eve{wait}@example.com")
        life = timedelta(seconds=harness.settings.undo_email_seconds + wait)
        harness.clock.advance(seconds=life.total_seconds())
        if good:
            await harness.undo.undo(CALL, undo.token)
        else:
            with pytest.raises(OneTimeTokenInvalid):
                await harness.undo.undo(CALL, undo.token)


async def test_the_code_is_no_undo(harness: AuthHarness) -> None:
    """The link alone undoes; the contract takes no code, and a deleted account has no undo."""
    who, undo = await changed(harness)
    await harness.deletion.delete(harness.call(who), PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, undo.token)


@pytest.mark.parametrize("before", [True, False])
async def test_second_factors_of_the_intruder(harness: AuthHarness, before: bool) -> None:
    """Those that were set up since the change was asked for are gone; those of before stay."""
    who = await harness.register_proved()
    if before:
        own = await enroll(harness, who)
        who = (await confirm(harness, who, own)).result
    _, undo = await asked(harness, who)
    harness.clock.advance(seconds=1)
    intruder = await enroll(harness, who, "Intruder")
    await confirm(harness, who, intruder)
    await harness.undo.undo(CALL, undo.token)
    user = await harness.store.read(lambda tx: require_user(tx, who.user.user_id))
    assert user.second_factor is before
    await harness.forgot.ask(CALL, EMAIL)
    reset = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
    await harness.reset.reset(CALL, Proof(reset.token), OTHER_PASSWORD)
    if before:
        challenge = await harness.challenge(password=OTHER_PASSWORD)
        with pytest.raises(SecondFactorWrong):
            await harness.answer(challenge, intruder.answer())
        await harness.answer(challenge, own.answer())
    else:
        await harness.log_in(password=OTHER_PASSWORD)
