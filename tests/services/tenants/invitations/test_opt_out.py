"""The owner of a mailbox stops invitation emails to it, and lets them come again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from coditect.tenants.v5 import invitations_pb2
from kernel import base64url
from kernel.identity.callers import Caller, Role
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.errors import OptOutTokenInvalid
from services.tenants.invitations.model import NewInvitation
from services.tenants.invitations.opt_out import OptOuts, opt_out_token
from tests.services.tenants.calls import refusal
from tests.services.tenants.harness import TenantsHarness, call, person
from tests.support.service import Service
from tests.support.store import dump, rows_between
from tests.support.stubs import TenantsStub

EMAIL = "vic.tim@gmail.com"


async def invite(harness: TenantsHarness, email: str = EMAIL) -> NewInvitation:
    """An invitation by a new organization."""
    owner = person()
    ours = call(owner, await harness.found(owner))
    return await harness.invitations.create(ours, email, Role.MEMBER)


async def emails(harness: TenantsHarness) -> int:
    """How many emails wait to be sent."""
    return len(await rows_between(harness.store, *invitations.INVITATION_EMAILS.rows.range()))


def token_of(harness: TenantsHarness, new: NewInvitation) -> str:
    """The token of the mailbox, as the email has it."""
    return opt_out_token(harness.runtime.seal, new.invitation)


async def test_no_organization_mails_a_mailbox_that_has_opted_out(harness: TenantsHarness) -> None:
    """However the mailbox is spelled. Inviters are not told, and their invitations are good."""
    token = token_of(harness, await invite(harness))
    assert await emails(harness) == 1
    await harness.opt_outs.set(token, opted_out=True)
    for email in (EMAIL, "victim+x@googlemail.com"):
        made = await invite(harness, email)
        assert (await harness.acceptance.accept(call(person()), made.token)).member
    assert await emails(harness) == 1
    await invite(harness, "other@gmail.com")
    assert await emails(harness) == 2


async def test_emails_come_again_by_the_same_token(harness: TenantsHarness) -> None:
    """The token works any number of times, in any order, and is the same in every email."""
    token = token_of(harness, await invite(harness))
    for opted_out in (True, True, False, False, True, False):
        await harness.opt_outs.set(token, opted_out=opted_out)
        before = await emails(harness)
        assert token_of(harness, await invite(harness)) == token
        assert await emails(harness) == before + (not opted_out)
    assert await rows_between(harness.store, *invitations.OPT_OUT.range()) == []


@pytest.mark.parametrize(
    "changed",
    [
        lambda _: "",
        lambda _: "garbage",
        lambda token: token[:-1],
        lambda token: token + "=",
        lambda token: token + "AAAA",
        lambda token: ("B" if token[0] == "A" else "A") + token[1:],
        lambda token: token[:-1] + ("B" if token[-1] == "A" else "A"),
        lambda token: base64url.encode(base64url.decode(token)[:32]),
        lambda _: "A" * 10_000,
        lambda _: "ü",
    ],
)
async def test_only_tokens_out_of_emails_work(
    harness: TenantsHarness, changed: Callable[[str], str]
) -> None:
    """A token cannot be guessed from an address, changed or shortened."""
    token = token_of(harness, await invite(harness))
    for opted_out in (True, False):
        with pytest.raises(OptOutTokenInvalid):
            await harness.opt_outs.set(changed(token), opted_out=opted_out)
    assert await rows_between(harness.store, *invitations.OPT_OUT.range()) == []


async def test_the_store_and_the_token_hold_no_address(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The mailbox stays only as a digest."""
    ours = call(ada, acme)
    made = await harness.invitations.create(ours, EMAIL, Role.MEMBER)
    token = token_of(harness, made)
    await harness.opt_outs.set(token, opted_out=True)
    await harness.invitations.withdraw(ours, made.invitation.invitation_id)
    for data in (await dump(store), base64url.decode(token)):
        assert not [name for name in (b"victim", b"vic.tim", b"gmail") if name in data]


async def test_tokens_and_opt_outs_outlive_a_change_of_the_seal_key(
    harness: TenantsHarness,
) -> None:
    """A token works until the key of its time is removed; what it has set stays for ever."""
    made = await invite(harness)
    token, old = token_of(harness, made), secrets_of(harness.settings.seal_keys)
    new = ["B" * 43 + "="]
    both, after = (
        OptOuts(replace(harness.runtime, seal=Seal(keys))) for keys in ([*new, *old], new)
    )
    await both.set(token, opted_out=True)
    with pytest.raises(OptOutTokenInvalid):
        await after.set(token, opted_out=False)
    await invite(harness)
    assert await emails(harness) == 1


async def test_over_grpc_a_mailbox_opts_out_without_an_account(
    service: Service, stub: TenantsStub, harness: TenantsHarness
) -> None:
    """Absent, `opt_out` counts as true; a token that does not work gets the same answer everywhere."""
    token = token_of(harness, await invite(harness))
    opt_out, click = invitations_pb2.OptOutRequest, invitations_pb2.OptOutByOneClickRequest
    for method, request, opted_out in (
        (stub.OptOut, opt_out(token=token), True),
        (stub.OptOut, opt_out(token=token, opt_out=False), False),
        (stub.OptOut, opt_out(token=token, opt_out=True), True),
        (stub.OptOut, opt_out(token=token, opt_out=False), False),
        (stub.OptOutByOneClick, click(token=token), True),
    ):
        await service.call(method, request)
        rows = await rows_between(harness.store, *invitations.OPT_OUT.range())
        assert bool(rows) == opted_out
    for method, bad in (
        (stub.OptOut, opt_out(token="x")),
        (stub.OptOutByOneClick, click(token="x")),
    ):
        assert (await refusal(service, method, bad)).reason == "OPT_OUT_TOKEN_INVALID"


async def test_concurrent_clicks_are_one(harness: TenantsHarness) -> None:
    """Mail programs repeat their requests."""
    token = token_of(harness, await invite(harness))
    await asyncio.gather(*(harness.opt_outs.set(token, opted_out=True) for _ in range(20)))
    assert len(await rows_between(harness.store, *invitations.OPT_OUT.range())) == 1
