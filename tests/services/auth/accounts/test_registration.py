"""Registration: what it refuses, and what it stores."""

import asyncio
from dataclasses import replace

import pytest

from coditect.auth.v5 import accounts_pb2
from kernel.emails import checked_email
from kernel.errors import InvalidRequest
from kernel.fields import Fields
from kernel.identity.callers import Call
from kernel.rpc.errors import RemoteError
from services.auth.accounts.errors import EmailTaken
from services.auth.accounts.servicer import new_account
from services.auth.logins import repository as logins
from services.auth.logins.errors import BadCredentials
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.model import Proof
from services.auth.users import repository as users
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    AuthHarness,
    check_registration,
    ensure_self_tenant,
    registration,
    shortened,
)
from tests.services.auth.server import Auth
from tests.support.store import WatchedStore, dump, rows_between

MARKS = "a" + "\u0301\u0327" * 250_000  # normalizing this to NFC takes minutes


def refusals(email: str) -> list[str]:
    """The reasons with which an address is refused."""
    fields = Fields()
    checked_email(fields, email)
    try:
        fields.check()
    except InvalidRequest as error:
        return [violation.reason for violation in error.violations]
    return []


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


async def test_registration_answers_with_the_profile_and_the_self_tenant(
    harness: AuthHarness,
) -> None:
    """The answer has the user as stored, the self-tenant, and a token for its owner."""
    result = await harness.register()
    caller = harness.caller(result)
    assert await harness.profile.get(harness.call(caller)) == await harness.store.read(
        lambda tx: users.USERS.get(tx, result.user.user_id)
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
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@B\u00dcCHER\u3002example"),
    ],
)
async def test_another_spelling_is_the_same_address(
    harness: AuthHarness, first: str, second: str
) -> None:
    """Auth refuses an address that a user has proved in any case or composition, and writes nothing."""
    proved = replace((await harness.register(first)).user, email_verify_time=harness.clock.now())
    await harness.store.write(lambda tx: users.USERS.put(tx, proved))
    before = await dump(harness.store)
    hashes = harness.passwords.hashes
    with pytest.raises(EmailTaken):
        await harness.register(second)
    assert await dump(harness.store) == before
    assert harness.passwords.hashes == hashes
    await harness.log_in(second.strip())


async def test_the_owner_of_an_unproved_address_can_complete_the_registration(
    harness: AuthHarness,
) -> None:
    """Auth refuses the address, and mails the owner what completes this registration."""
    stranger = await harness.register()
    with pytest.raises(EmailTaken):
        await harness.register(EMAIL.upper(), OTHER_PASSWORD)
    (secrets,) = await harness.mailed(EmailKind.CONFIRM_REGISTRATION)
    user = await harness.prove(Proof(secrets.token), new_password=OTHER_PASSWORD)
    assert (user.email, user.first_name, user.email_verified) == (EMAIL.upper(), "Ada", True)
    assert user.user_id != stranger.user.user_id
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert (await harness.log_in(password=OTHER_PASSWORD)).user.user_id == user.user_id


async def test_no_email_completes_a_registration_of_a_proved_address(harness: AuthHarness) -> None:
    """Auth refuses the address, and mails nothing."""
    await harness.register_proved()
    with pytest.raises(EmailTaken):
        await harness.register(password=OTHER_PASSWORD)
    assert await harness.mailed(EmailKind.CONFIRM_REGISTRATION) == []


async def test_a_registration_mails_a_proof_of_its_address(harness: AuthHarness) -> None:
    """The email is queued in the registration's transaction, in the user's language."""
    call = Call(None, METADATA)
    first = await harness.registration.register(call, new_account(registration(), "de"))
    assert first.user.language == "de"
    (secrets,) = await harness.mailed(EmailKind.VERIFY_EMAIL)
    assert (await harness.prove(Proof(secrets.token), first)).email_verified


async def test_domains_that_dns_distinguishes_are_two_accounts(harness: AuthHarness) -> None:
    """`fußball.example` and `fussball.example` have an account each, and each logs in to its own."""
    first = await harness.register("ada@fu\u00dfball.example")
    second = await harness.register("ada@fussball.example")
    assert (await harness.log_in("ada@FU\u1e9eBALL.example")).user.user_id == first.user.user_id
    assert (await harness.log_in("ada@FUSSBALL.example")).user.user_id == second.user.user_id


async def test_one_of_200_concurrent_registrations_succeeds(harness: AuthHarness) -> None:
    """An address gets one account, one login and one task; the other registrations are refused."""
    answers = await asyncio.gather(
        *(harness.register() for _ in range(200)), return_exceptions=True
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert {type(answer) for answer in answers if answer not in won} == {EmailTaken}
    assert len(won) == 1
    assert len(await rows_between(harness.store, *users.USER.range())) == 1
    assert len(await rows_between(harness.store, *logins.LOGIN.range())) == 1
    assert [task.user_id for task in await harness.tasks()] == [won[0].user.user_id]


async def test_every_bad_field_is_named(auth: Auth) -> None:
    """The error names every invalid field of a registration, including the password."""
    request = accounts_pb2.RegisterRequest(
        email="no address", password="short", last_name="x" * 101, company="c" * 201
    )
    with pytest.raises(RemoteError) as error:
        await auth.call("Register", request)
    assert [(bad.field, bad.reason) for bad in error.value.violations] == [
        ("email", "NOT_AN_EMAIL"),
        ("firstName", "REQUIRED"),
        ("lastName", "TOO_LONG"),
        ("company", "TOO_LONG"),
        ("password", "TOO_SHORT"),
    ]


@pytest.mark.parametrize(
    ("password", "reason"), [("short", "TOO_SHORT"), (EMAIL.upper(), "CONTEXT_WORDS")]
)
async def test_a_bad_password_alone_is_named(
    harness: AuthHarness, password: str, reason: str
) -> None:
    """If only the password is bad, the error names it; auth hashes and stores nothing."""
    before = await dump(harness.store)
    with pytest.raises(InvalidRequest) as error:
        await harness.register(password=password)
    assert [(bad.field, bad.reason) for bad in error.value.violations] == [("password", reason)]
    assert harness.passwords.hashes == 0
    assert await dump(harness.store) == before


@pytest.mark.timeout(60)
async def test_a_megabyte_of_combining_marks_is_refused_quickly(harness: AuthHarness) -> None:
    """Auth refuses the fields as too long without normalizing them first."""
    with pytest.raises(InvalidRequest) as error:
        check_registration(
            accounts_pb2.RegisterRequest(
                email=MARKS, password=MARKS, first_name=MARKS, last_name=MARKS, company=MARKS
            )
        )
    reasons = {bad.field: bad.reason for bad in reversed(error.value.violations)}
    assert reasons == dict.fromkeys(
        ["email", "password", "firstName", "lastName", "company"], "TOO_LONG"
    )
    with pytest.raises(BadCredentials):
        await harness.log_in(MARKS, MARKS)


@pytest.mark.parametrize(
    "email",
    ["a@b.de", "a+b@localhost", "ü@bücher.example", "o'neil@x.test", "  spaced@x.de  ",
     "a" * 64 + "@" + "b" * 60 + ".de"],
    ids=shortened,
)  # fmt: skip
def test_good_addresses(email: str) -> None:
    """Auth accepts addresses that can receive mail, including those in a private network."""
    assert refusals(email) == []


@pytest.mark.parametrize(
    "email",
    ["", " ", "a", "@", "a@", "@b.de", "a b@c.de", "a@b..de", "a@b.de\n\nx", "a\x00@b.de", "a@\u2603.example", "a@xn--zz.example", "a\u3164@b.de",
     "Ada <a@b.de>", "a@b@c.de", "a" * 255 + "@b.de", "ü" * 130 + "@b.de", "a@" + "ü" * 200],
    ids=shortened,
)  # fmt: skip
def test_bad_addresses(email: str) -> None:
    """Auth refuses malformed addresses, and addresses longer than RFC 5321 allows."""
    assert refusals(email) != []
