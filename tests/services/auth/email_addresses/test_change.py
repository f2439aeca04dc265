"""The change of an address, on the real store."""

import asyncio
from datetime import timedelta

import pytest

from kernel.errors import AccessTokenMissing, AccessTokenRevoked
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from services.auth.notifications.errors import TooManyEmails
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.one_time_tokens.one_time_tokens import MOST_ALIVE
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.model import User
from services.auth.users.repository import user_of_email
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    OTHER_SEAL_KEY,
    AuthHarness,
    keys_of,
    make_settings,
)
from tests.support.store import dump

CALL = Call(None, METADATA)

NEW = "Ada@Example.org"
NEW_ADDRESS = "ada@example.org"


async def asked(harness: AuthHarness, who: LoginResult, email: str = NEW) -> Secrets:
    """The secrets of the email to the new address."""
    await harness.change.ask(harness.call(who), email)
    return (await harness.mailed(EmailKind.CHANGE_EMAIL))[-1]


async def test_nothing_changes_before_the_proof(harness: AuthHarness) -> None:
    """The user keeps the address, and logs in with it; the new address is not taken."""
    who = await harness.register_proved()
    await asked(harness, who)
    assert (await harness.profile.get(harness.call(who))).email == EMAIL
    await harness.log_in()
    with pytest.raises(BadCredentials):
        await harness.log_in(NEW)
    await harness.register(NEW)


async def test_the_proof_changes_the_address(harness: AuthHarness) -> None:
    """By link or by code the user gets the new address, proved, and tenants learns it."""
    for old, new in ((EMAIL, NEW), ("Eve@Example.com", "Eve@Example.org")):
        who = await harness.register_proved(old)
        secrets = await asked(harness, who, new)
        harness.clock.advance(seconds=5)
        proof = Proof(secrets.token) if old == EMAIL else Proof("", new.lower(), secrets.code)
        user = await harness.prove(proof, who)
        assert (user.user_id, user.email) == (who.user.user_id, new)
        assert user.email_verify_time == harness.clock.now()
        assert user == await harness.profile.get(harness.call(who))
        assert user.profile_revision == 1
        tasks = [task for task in await harness.tasks() if task.user_id == user.user_id]
        assert tasks.count(OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id)) == 2
        assert (await harness.log_in(new)).user.user_id == user.user_id
        with pytest.raises(BadCredentials):
            await harness.log_in(old)


async def test_an_unproved_user_can_change_the_address(harness: AuthHarness) -> None:
    """The change proves the new address; no undo link goes to the old one, which may be a stranger's."""
    who = await harness.register()
    secrets = await asked(harness, who)
    assert await harness.recipients(EmailKind.CHANGE_REQUESTED) == []
    assert (await harness.prove(Proof(secrets.token), who)).email_verified


async def test_the_old_address_is_told(harness: AuthHarness) -> None:
    """The request mails a link to undo it to the old address, and the change notifies both."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    assert await harness.recipients(EmailKind.CHANGE_EMAIL) == [NEW]
    assert await harness.recipients(EmailKind.CHANGE_REQUESTED) == [EMAIL]
    assert await harness.recipients(EmailKind.EMAIL_CHANGED) == []
    await harness.prove(Proof(secrets.token), who)
    assert sorted(await harness.recipients(EmailKind.EMAIL_CHANGED)) == [EMAIL, NEW]


async def test_a_request_does_not_tell_whether_the_address_is_taken(harness: AuthHarness) -> None:
    """A request for a free address writes as many rows as one for an address with an account."""
    await harness.register("unproved@example.org")
    await harness.register_proved("proved@example.org")
    call = harness.call(await harness.register_proved())
    harness.clock.advance(hours=24)  # the counts of a day begin anew
    for _ in range(MOST_ALIVE):  # so that each further request ends one of the user's undo tokens
        await harness.change.ask(call, NEW)
        harness.clock.advance(seconds=1)
    rows = []
    for name in ("free", "unproved", "proved"):
        before = len(await keys_of(harness.store))
        await harness.change.ask(call, f"{name}@example.org")
        rows.append(len(await keys_of(harness.store)) - before)
        harness.clock.advance(seconds=1)
    assert len(set(rows)) == 1, rows


async def test_the_present_address_is_no_change(harness: AuthHarness) -> None:
    """A request for the user's own address, in any spelling, mails nothing."""
    who = await harness.register_proved()
    before = await dump(harness.store)
    await harness.change.ask(harness.call(who), EMAIL.upper())
    assert await dump(harness.store) == before


async def test_an_address_that_another_user_has_proved_is_not_given(harness: AuthHarness) -> None:
    """The proof fails, and both users keep their addresses."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    other = await harness.register_proved(NEW)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), who)
    assert (await harness.log_in(NEW)).user.user_id == other.user.user_id
    assert (await harness.log_in()).user.user_id == who.user.user_id


async def test_an_unproved_account_gives_way(harness: AuthHarness) -> None:
    """The person who proves an address owns it: an account that has it without a proof is removed."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    stranger = await harness.register(NEW)
    await harness.prove(Proof(secrets.token), who)
    found = await harness.store.read(lambda tx: user_of_email(tx, NEW_ADDRESS))
    assert found is not None
    assert found.user_id == who.user.user_id
    assert Revocation(stranger.user.user_id, harness.clock.now()) in await harness.revoked()
    assert OutboxTask(TaskKind.ERASE, stranger.user.user_id) in await harness.tasks()


async def test_who_reads_a_mistyped_mailbox_gets_no_account(harness: AuthHarness) -> None:
    """The proof needs an access token of the account; without one or with another's nothing changes."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    stranger = await harness.register("eve@example.com")
    with pytest.raises(AccessTokenMissing):
        await harness.prove(Proof(secrets.token), new_password=OTHER_PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), stranger)
    assert (await harness.prove(Proof(secrets.token), who)).email == NEW


async def test_an_ended_login_changes_nothing(harness: AuthHarness) -> None:
    """An access token whose login has ended neither asks for a change nor proves one."""
    who, other = await harness.register_proved(), await harness.log_in()
    secrets = await asked(harness, who)
    await harness.devices.log_out(harness.call(who))
    with pytest.raises(AccessTokenRevoked):
        await harness.change.ask(harness.call(who), NEW)
    with pytest.raises(AccessTokenRevoked):
        await harness.prove(Proof(secrets.token), who)
    assert (await harness.prove(Proof(secrets.token), other)).email == NEW


async def test_a_change_is_proved_once(harness: AuthHarness) -> None:
    """Of several proofs at once one succeeds, and the user's other changes are void then."""
    who = await harness.register_proved()
    other = await asked(harness, who, "ada@example.net")
    secrets = await asked(harness, who)
    attempts = [harness.prove(Proof(secrets.token), who) for _ in range(8)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(one) for one in results].count(User) == 1
    assert {type(one) for one in results} == {User, OneTimeTokenInvalid}
    for token in (secrets.token, other.token):
        with pytest.raises(OneTimeTokenInvalid):
            await harness.prove(Proof(token), who)


async def test_a_token_is_good_for_its_purpose_alone(harness: AuthHarness) -> None:
    """The token of a change neither undoes one nor resets a password, and the undo token proves nothing."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    (undo,) = await harness.mailed(EmailKind.CHANGE_REQUESTED)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.undo.undo(CALL, secrets.token)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.reset.reset(harness.call(who), Proof(secrets.token), OTHER_PASSWORD)
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(undo.token), who)


async def test_a_change_expires(harness: AuthHarness) -> None:
    """After VERIFICATION_SECONDS the email is void."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    harness.clock.advance(
        seconds=timedelta(seconds=harness.settings.verification_seconds).total_seconds()
    )
    again = await harness.log_in()
    with pytest.raises(OneTimeTokenInvalid):
        await harness.prove(Proof(secrets.token), again)


async def test_a_change_under_a_lost_seal_key_is_void(harness: AuthHarness) -> None:
    """What no listed key opens is answered like any other bad token."""
    who = await harness.register_proved()
    secrets = await asked(harness, who)
    other = AuthHarness(harness.store, harness.clock, make_settings(SEAL_KEYS=OTHER_SEAL_KEY))
    with pytest.raises(OneTimeTokenInvalid):
        await other.proofs.prove(harness.call(who), Proof(secrets.token), "")
    await other.passwords.close()


async def test_there_is_no_change_without_its_notice(harness: AuthHarness) -> None:
    """If the old mailbox has got too many notices today, the new one gets no proof either."""
    who = await harness.register_proved()
    most = harness.settings.notices_per_mailbox
    for number in range(most + 2):
        await harness.change.ask(harness.call(who), f"{number}@example.org")
        harness.clock.advance(seconds=1)
    assert len(await harness.recipients(EmailKind.CHANGE_EMAIL)) == most
    assert len(await harness.recipients(EmailKind.CHANGE_REQUESTED)) == most


async def test_a_user_asks_for_few_emails(harness: AuthHarness) -> None:
    """Over the limit of the user a request is refused, and queues nothing."""
    who = await harness.register()
    for number in range(
        harness.settings.emails_per_user - 1
    ):  # the first one was the registration's
        await harness.change.ask(harness.call(who), f"{number}@example.org")
    before = await dump(harness.store)
    with pytest.raises(TooManyEmails):
        await harness.change.ask(harness.call(who), NEW)
    assert await dump(harness.store) == before
