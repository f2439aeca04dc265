"""Accounts: what a registration leaves behind, and what ends with an account."""

import asyncio

import pytest

from kernel.emails import checked_email, normalized_email
from kernel.errors import AccessTokenRevoked, InvalidRequest
from kernel.fields import Fields
from kernel.identity.revocations import Revocation
from services.auth.accounts import Profile
from services.auth.errors import EmailTaken, PasswordWrong
from services.auth.logins import repository as logins
from services.auth.logins.errors import BadCredentials
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users import repository as users
from services.auth.users.model import User
from tests.services.auth.harness import (
    DEVICE,
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    PROFILE,
    AuthHarness,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump, rows_between

MARKS = "a" + "\u0301\u0327" * 250_000  # takes minutes to be brought into NFC


def refusals(email: str) -> list[str]:
    """The reasons for which an address is refused."""
    fields = Fields()
    checked_email(fields, email)
    try:
        fields.check()
    except InvalidRequest as error:
        return [violation.reason for violation in error.violations]
    return []


def shortened(text: str) -> str:
    """A name for a test."""
    return ascii(text)[:24]


def ensure_self_tenant(user: User) -> OutboxTask:
    """The task that a registration leaves."""
    return OutboxTask(TaskKind.ENSURE_SELF_TENANT, user.user_id, user.create_time)


async def test_registration_is_one_transaction(harness: AuthHarness, watched: WatchedStore) -> None:
    """The user, its address, its login and the task for tenants are committed together."""
    watched.writes = 0
    result = await harness.register()
    assert watched.writes == 1
    found = await watched.read(lambda tx: users.user_of_email(tx, "ada@example.com"))
    assert found is not None
    assert (found.user_id, found.email) == (result.user.user_id, EMAIL)
    assert [login.user_id for login in await harness.logins_of(result)] == [result.user.user_id]
    assert await harness.tasks() == [ensure_self_tenant(result.user)]


async def test_registration_answers_with_the_profile_and_the_own_tenant(
    harness: AuthHarness,
) -> None:
    """The answer shows the user as stored, its self-tenant, and good tokens for it as its owner."""
    result = await harness.register()
    caller = harness.caller(result)
    assert await harness.accounts.get(caller) == await harness.store.read(
        lambda tx: users.user(tx, result.user.user_id)
    )
    assert (result.user.first_name, result.user.company) == ("Ada", "Engines")
    assert (caller.tenant_id, str(caller.role)) == (result.tenant.tenant_id, "owner")
    assert result.tenant.kind == "self"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.com", "ADA@Example.COM"),
        ("ada@example.com", "  ada@example.com "),
        ("jos\u00e9@example.com", "jose\u0301@example.com"),
        ("jose\u0301@example.com", "JOS\u00c9@example.com"),
        ("stra\u00dfe@example.com", "STRASSE@example.com"),
        ("\u01c5@example.com", "\u01c6@example.com"),
    ],
)
async def test_another_spelling_is_the_same_address(
    harness: AuthHarness, first: str, second: str
) -> None:
    """An address is taken in every case and composition, and nothing of the second try stays."""
    await harness.register(first)
    before = await dump(harness.store)
    hashes = harness.passwords.hashes
    with pytest.raises(EmailTaken):
        await harness.register(second)
    assert await dump(harness.store) == before
    assert harness.passwords.hashes == hashes
    await harness.log_in(second.strip())


async def test_of_200_registrations_at_once_one_wins(harness: AuthHarness) -> None:
    """However many come at once, an address gets one account, one login and one task."""
    answers = await asyncio.gather(
        *(harness.register() for _ in range(200)), return_exceptions=True
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert {type(answer) for answer in answers if answer not in won} == {EmailTaken}
    assert len(won) == 1
    assert len(await rows_between(harness.store, *users.USER.range())) == 1
    assert len(await rows_between(harness.store, *logins.LOGIN.range())) == 1
    assert [task.user_id for task in await harness.tasks()] == [won[0].user.user_id]


async def test_every_bad_field_is_named(harness: AuthHarness) -> None:
    """A bad registration says all that is wrong with it, and hashes nothing."""
    profile = Profile("", "x" * 101, "c" * 201)
    with pytest.raises(InvalidRequest) as error:
        await harness.accounts.register("nobody", "short", profile, DEVICE, None)
    assert [(bad.field, bad.reason) for bad in error.value.violations] == [
        ("firstName", "REQUIRED"),
        ("lastName", "TOO_LONG"),
        ("company", "TOO_LONG"),
        ("email", "NOT_AN_EMAIL"),
        ("password", "TOO_SHORT"),
    ]
    assert harness.passwords.hashes == 0


@pytest.mark.timeout(10)
async def test_endless_marks_hold_up_nobody(harness: AuthHarness) -> None:
    """A megabyte of combining marks is refused without being brought into order."""
    with pytest.raises(InvalidRequest) as error:
        await harness.accounts.register(MARKS, MARKS, Profile(MARKS, MARKS, MARKS), DEVICE, None)
    reasons = {bad.field: bad.reason for bad in reversed(error.value.violations)}
    assert reasons == dict.fromkeys(
        ["email", "password", "firstName", "lastName", "company"], "TOO_LONG"
    )
    with pytest.raises(BadCredentials):
        await harness.password_login.log_in(normalized_email(MARKS), MARKS, DEVICE)


@pytest.mark.parametrize(
    "email",
    ["a@b.de", "a+b@localhost", "ü@bücher.example", "o'neil@x.test", "  spaced@x.de  ",
     "a" * 64 + "@" + "b" * 60 + ".de"],
    ids=shortened,
)  # fmt: skip
def test_good_addresses(email: str) -> None:
    """What can receive mail somewhere, also in a closed network, is taken."""
    assert refusals(email) == []


@pytest.mark.parametrize(
    "email",
    ["", " ", "a", "@", "a@", "@b.de", "a b@c.de", "a@b..de", "a@b.de\n\nx", "a\x00@b.de",
     "Ada <a@b.de>", "a@b@c.de", "a" * 255 + "@b.de", "ü" * 130 + "@b.de", "a@" + "ü" * 200],
    ids=shortened,
)  # fmt: skip
def test_bad_addresses(email: str) -> None:
    """What is no address, or longer than RFC 5321 lets one be, is refused."""
    assert refusals(email) != []


async def test_update_changes_only_what_is_given(harness: AuthHarness) -> None:
    """A field left out keeps its value, one given empty becomes empty if it may."""
    result = await harness.register()
    caller = harness.caller(result)
    user = await harness.accounts.update(caller, Profile(" Augusta ", None, ""), None)
    assert (user.first_name, user.last_name, user.company) == ("Augusta", "Lovelace", "")
    again = await harness.accounts.get(caller)
    assert (again.first_name, again.company, again.email) == ("Augusta", "", EMAIL)
    await harness.log_in()


async def test_a_deleted_user_cannot_be_read_or_changed(harness: AuthHarness) -> None:
    """A token that outlives its account for a moment finds nothing."""
    result = await harness.register()
    caller = harness.caller(result)
    await harness.accounts.delete(caller, PASSWORD)
    for action in (
        harness.accounts.get(caller),
        harness.accounts.update(caller, PROFILE, None),
        harness.accounts.change_password(caller, PASSWORD, OTHER_PASSWORD),
        harness.accounts.delete(caller, PASSWORD),
    ):
        with pytest.raises(AccessTokenRevoked):
            await action


async def test_another_password(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """It replaces the first and ends all logins but the caller's, in one transaction."""
    result = await harness.register()
    others = [harness.caller(await harness.log_in()).login_id for _ in range(3)]
    clock.advance(seconds=1)
    watched.writes = 0
    await harness.accounts.change_password(harness.caller(result), PASSWORD, OTHER_PASSWORD)
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
    """The next password must be as good as the first had to be."""
    result = await harness.register()
    before = await dump(harness.store)
    with pytest.raises(InvalidRequest) as error:
        await harness.accounts.change_password(harness.caller(result), PASSWORD, EMAIL)
    assert [bad.field for bad in error.value.violations] == ["newPassword"]
    assert await dump(harness.store) == before


async def test_the_wrong_password_confirms_nothing(harness: AuthHarness) -> None:
    """Without the password in force nothing is changed or deleted."""
    result = await harness.register()
    before = await dump(harness.store)
    for action in (
        harness.accounts.change_password(harness.caller(result), OTHER_PASSWORD, OTHER_PASSWORD),
        harness.accounts.delete(harness.caller(result), OTHER_PASSWORD),
    ):
        with pytest.raises(PasswordWrong):
            await action
    assert await dump(harness.store) == before


async def test_a_password_changed_meanwhile_confirms_nothing(harness: AuthHarness) -> None:
    """Whoever was checked against the old password comes too late after a change of it."""
    result = await harness.register()
    caller = harness.caller(result)

    async def change() -> None:
        await harness.accounts.change_password(caller, PASSWORD, OTHER_PASSWORD)

    harness.passwords.meanwhile = change
    with pytest.raises(PasswordWrong):
        await harness.accounts.delete(caller, PASSWORD)
    await harness.log_in(password=OTHER_PASSWORD)


async def test_deletion_is_one_transaction(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """User, address and logins go, tokens are revoked, others are to be told: all at once."""
    result = await harness.register()
    await harness.log_in()
    user_id = result.user.user_id
    login_ids = [login.login_id for login in await harness.logins_of(result)]
    watched.writes = 0
    await harness.accounts.delete(harness.caller(result), PASSWORD)
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


async def test_other_names_are_told_to_tenants(harness: AuthHarness) -> None:
    """Each change of the names counts and leaves a task; what is no change of them does not."""
    result = await harness.register()
    caller = harness.caller(result)
    for profile, revision in (
        (Profile(None, None, "Looms"), 0),
        (Profile("Ada", None, None), 0),
        (Profile("Augusta", None, None), 1),
        (Profile(None, "King", None), 2),
    ):
        assert (await harness.accounts.update(caller, profile, None)).profile_revision == revision
    told = OutboxTask(TaskKind.UPDATE_PROFILE, result.user.user_id)
    assert await harness.tasks() == [ensure_self_tenant(result.user), told, told]


async def test_the_address_of_a_deleted_user_is_free(harness: AuthHarness) -> None:
    """It can be registered again, by another user with another tenant."""
    first = await harness.register()
    await harness.accounts.delete(harness.caller(first), PASSWORD)
    second = await harness.register()
    assert second.user.user_id != first.user.user_id
    assert second.tenant.tenant_id != first.tenant.tenant_id
