"""The erasure of a deleted user from all tenants."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kernel.errors import ServiceError, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.identity.devices import Device
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.errors import MemberExists
from services.tenants.invitations.model import NewInvitation
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Profile
from services.tenants.organizations.model import TenantUpdate
from services.tenants.revocations import repository as revocations
from tests.services.tenants.harness import (
    EMAIL,
    TenantsHarness,
    call,
    expected_self_tenant_id,
    person,
    put_organizations,
    rows,
)
from tests.support.clock import START, FixedClock
from tests.support.store import dump, rows_between
from tests.support.sweeping import sweep_settled
from tests.support.tokens import caller_of, somebody

HOME = Device("Home", "198.51.100.7")
OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


def traces(caller: Caller, profile: Profile) -> list[bytes]:
    """The bytes in the store that would identify a user."""
    texts = [str(caller.user_id), str(caller.login_id), profile.email, profile.normalized_email]
    return [caller.user_id.bytes, *(text.encode() for text in (*texts, HOME.address))]


async def remains(store: Store, caller: Caller, profile: Profile) -> list[bytes]:
    """The traces of a user, apart from the outboxes and the tombstone of the deletion."""
    spaces = (
        revocations.TOKEN_REVOCATIONS,
        revocations.SESSION_REVOCATIONS,
        invitations.INVITATION_EMAILS,
        invitations.EMAIL_PROOFS,
    )

    async def forget(tx: Write) -> None:
        for outbox in spaces:
            tx.clear_range(*outbox.rows.range())
        for family in memberships.DELETED_USERS.families:
            tx.clear_range(*family.range())

    await store.write(forget)
    left = await dump(store)
    return [trace for trace in traces(caller, profile) if trace in left]


async def test_an_erasure_removes_every_trace_of_a_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The user was invited, acted, was promoted, founded an organization, invited and was removed."""
    bob = person()
    profile = Profile(EMAIL, EMAIL.lower(), "Bob Roberts", 3)
    harness.profiles.told[bob.user_id] = profile
    new_invitation = await harness.invitations.create(call(ada, acme), EMAIL, ADMIN)
    token = await harness.emailed_token(new_invitation)
    await harness.acceptance.accept(call(bob, device=HOME), token)
    theirs = call(bob, acme, device=HOME)
    await harness.organizations.update(theirs, TenantUpdate(name="New"))
    eve = await harness.join(acme)
    await harness.members.update(theirs, eve.user_id, ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, OWNER)
    other = (
        await harness.organizations.create(call(bob, device=HOME), "Other", None)
    ).tenant.tenant_id
    await harness.join(other)
    promised = await harness.invitations.create(call(bob, other), "Carol@Example.com", ADMIN)
    await harness.acceptance.accept(call(person()), promised.token)
    await harness.members.remove(call(ada, acme), bob.user_id)
    assert await remains(store, bob, profile)
    await harness.erasure.erase(bob.user_id)
    assert await remains(store, bob, profile) == []


async def test_an_erasure_removes_the_user_from_audit_entries(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The entries stay, without the user as actor or target."""
    bob, eve = await harness.join(acme, ADMIN), await harness.join(acme)
    await harness.members.update(call(bob, acme, device=HOME), eve.user_id, ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, MEMBER)
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    before = (await harness.noted(ada, acme))[1:]
    await harness.erasure.erase(bob.user_id)
    promoted, demoted, renamed, erased = (await harness.noted(ada, acme))[1:]
    assert promoted == AuditEntry.unsigned(START, "member.role_changed", eve.user_id, "admin")
    assert demoted == replace(before[1], target=None)
    assert renamed == before[2]
    assert erased == AuditEntry.unsigned(START, "member.erased")


async def test_an_erasure_keeps_the_ids_of_invitations(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The audit entry loses the inviter, and still names the invitation."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await harness.invitations.create(call(bob, acme, device=HOME), EMAIL, MEMBER)
    await harness.erasure.erase(bob.user_id)
    _, created, _ = await harness.noted(ada, acme)
    invitation_id = new_invitation.invitation.invitation_id
    assert created == AuditEntry.unsigned(START, "invitation.created", invitation_id, "member")


async def test_the_audit_log_contains_no_email_address(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """The entries of an invitation name its id, not the invited address."""
    again = await harness.invitations.resend(
        call(ada, acme), new_invitation.invitation.invitation_id
    )
    await harness.invitations.withdraw(call(ada, acme), again.invitation.invitation_id)
    assert [one.action for one in await harness.noted(ada, acme)][1:] == [
        "invitation.created", "invitation.resent", "invitation.withdrawn",
    ]  # fmt: skip
    log = b"".join(value for _, value in await rows_between(store, *audit.AUDIT.range()))
    assert EMAIL.encode() not in log
    assert str(new_invitation.invitation.invitation_id).encode() in log


async def fill(harness: TenantsHarness, tenant_id: UUID, caller: Caller, count: int) -> None:
    """Writes `count` audit entries of a user."""

    async def write(tx: Write) -> None:
        for _ in range(500):
            entry = AuditEntry.by(call(caller, device=HOME), START, "tenant.renamed", detail="x")
            audit.append(tx, tenant_id, entry)

    for _ in range(count // 500):
        await harness.store.write(write)


async def test_a_long_audit_log_is_anonymized_in_pieces(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Each transaction handles 300 entries; the next one continues after them."""
    bob = await harness.join(acme)
    await fill(harness, acme, bob, 2_000)
    looked = [await harness.store.write(lambda tx: audit.forget(tx, bob.user_id, 300))]
    noted = (await harness.noted(ada, acme))[1:]
    assert [one.user_id for one in noted[:299]] == [None] * 299
    assert {one.user_id for one in noted[299:]} == {bob.user_id}
    while looked[-1]:
        looked.append(await harness.store.write(lambda tx: audit.forget(tx, bob.user_id, 300)))
    assert len(looked) == 8  # seven pieces for 2,001 entries, then an empty one
    assert (
        await harness.store.read(lambda tx: tx.get(audit.AUDIT_BY_USER.key(bob.user_id, acme)))
        is None
    )


async def test_an_erasure_keeps_concurrent_entries_of_others(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """No entry of Ada's is lost, and no entry names the erased user."""
    bob = await harness.join(acme, ADMIN)
    await fill(harness, acme, bob, 1_000)

    async def work() -> None:
        for number in range(100):
            await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(number)))

    await asyncio.gather(work(), harness.erasure.erase(bob.user_id))
    log = (await harness.noted(ada, acme))[:1000] + await rest(harness, ada, acme)
    assert len([one for one in log if one.user_id == ada.user_id]) == 101
    assert [one for one in log if one.user_id == bob.user_id] == []


async def rest(harness: TenantsHarness, ada: Caller, acme: UUID) -> list[AuditEntry]:
    """The second page of the audit log."""
    first = await harness.audit.list(call(ada, acme, ADMIN), 1000, "")
    return (await harness.audit.list(call(ada, acme, ADMIN), 1000, first.next_page_token)).items


@pytest.mark.parametrize("what", ["rename", "promote", "be promoted", "leave", "invite", "make"])
async def test_a_call_during_an_erasure_leaves_no_entry_that_names_the_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, what: str
) -> None:
    """The call is by the user or about the user, and runs thirty times."""
    for number in range(30):
        bob, eve = await harness.join(acme, OWNER), await harness.join(acme)
        theirs = call(bob, acme, device=HOME)
        doing = {
            "rename": harness.organizations.update(theirs, TenantUpdate(name=str(number))),
            "promote": harness.members.update(theirs, eve.user_id, ADMIN),
            "be promoted": harness.members.update(call(ada, acme), bob.user_id, ADMIN),
            "leave": harness.members.remove(theirs, bob.user_id),
            "invite": harness.invitations.create(theirs, f"{number}@example.com", MEMBER),
            "make": harness.organizations.create(call(bob, device=HOME), "Acme", None),
        }
        both = [doing.pop(what), harness.erasure.erase(bob.user_id)]
        for other in doing.values():
            other.close()
        if number % 2:
            both.reverse()
        results = await asyncio.gather(*both, return_exceptions=True)
        failed = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, ServiceError) for one in failed)
        log = b"".join(value for _, value in await rows_between(store, *audit.AUDIT.range()))
        assert str(bob.user_id).encode() not in log
        assert await rows_between(store, *audit.AUDIT_BY_USER.range(bob.user_id)) == []


async def test_a_deleted_organization_leaves_no_audit_log(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
) -> None:
    """Its entries go, with the index of their users; another organization's stay."""
    for _ in range(250):
        await harness.members.remove(call(ada, acme), (await harness.join(acme)).user_id)
    clock.advance(days=401)
    await sweeper.sweep()
    assert await harness.noted(ada, acme) == []
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    other = await harness.found(ada)
    await harness.organizations.delete(call(ada, acme))
    await sweeper.sweep()
    assert {key for key, _ in await rows_between(store, *audit.AUDIT_BY_USER.range())} == {
        audit.AUDIT_BY_USER.key(ada.user_id, other)
    }
    assert {key for key, _ in await rows_between(store, *audit.AUDIT_USER.range())} == {
        audit.AUDIT_USER.key(other, ada.user_id)
    }
    assert len(await rows_between(store, *audit.AUDIT.range())) == 1
    await harness.erasure.erase(ada.user_id)
    await sweeper.sweep()
    assert await rows_between(store, *audit.AUDIT_BY_USER.range()) == []


async def test_an_erasure_during_the_sweep_of_an_organization_leaves_no_row(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """The sweeper and the erasure remove audit entries at the same time."""
    bob = await harness.join(acme, ADMIN)
    await fill(harness, acme, bob, 1_000)
    await harness.organizations.delete(call(ada, acme))
    await asyncio.gather(sweeper.sweep(), harness.erasure.erase(bob.user_id))
    await sweeper.sweep()
    for family in (audit.AUDIT, audit.AUDIT_BY_USER, audit.AUDIT_USER, memberships.DELETED_TENANT):
        assert await rows_between(store, *family.range()) == []


async def test_an_erasure_removes_the_self_tenant_and_all_memberships(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """One transaction cannot hold them all. A tombstone and other users' tenants stay."""
    organizations = await put_organizations(store, caller.user_id, 250)
    await harness.self_tenants.ensure(caller.user_id, START)
    other = caller_of(somebody())
    kept = await harness.self_tenants.ensure(other.user_id, START)
    for _ in range(2):
        await harness.erasure.erase(caller.user_id)
        left = [key for key in await rows(store) if caller.user_id.bytes in key]
        assert memberships.DELETED_USERS.key(caller.user_id) in left
        assert not any(
            key in memberships.MEMBER.space or key in memberships.MEMBER_BY_USER.space
            for key in left
        )
        assert memberships.TENANT.key(expected_self_tenant_id(caller.user_id)) not in await rows(
            store
        )
        assert (await harness.tenants.list(call(caller), 10, "")).items == []
        with pytest.raises(TenantNotFound):
            await harness.tenants.get(call(caller), organizations[0].tenant.tenant_id)
    assert (await harness.tenants.list(call(other), 10, "")).items == [kept]


async def test_an_erasure_leaves_the_address_to_its_next_user(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A new account has the address, and is a member with it, before the old one is erased."""
    old = await harness.join(acme)
    member = await harness.member(acme, old.user_id)
    assert member is not None
    new = replace(member, user_id=uuid4())
    await harness.put(new)
    await harness.erasure.erase(old.user_id)
    assert await harness.member(acme, old.user_id) is None
    with pytest.raises(MemberExists):
        await harness.invitations.create(call(ada, acme), member.profile.email, MEMBER)


async def test_the_self_tenant_of_an_erased_user_is_not_created_again(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """Neither a late token nor a late request from auth writes a row."""
    await harness.self_tenants.ensure(caller.user_id, START)
    await harness.erasure.erase(caller.user_id)
    before = await rows(store)
    with pytest.raises(TenantNotFound):
        await harness.tenants.get(call(caller), expected_self_tenant_id(caller.user_id))
    assert (await harness.tenants.list(call(caller), 10, "")).items == []
    # The request must succeed, or auth would retry it until the tombstone is swept.
    late = await harness.self_tenants.ensure(caller.user_id, START)
    assert late.tenant.tenant_id == expected_self_tenant_id(caller.user_id)
    assert await rows(store) == before


async def test_the_tombstone_of_an_erased_user_is_swept_after_a_day(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, caller: Caller, clock: FixedClock
) -> None:
    """It outlives every access token; a second erasure does not extend it."""
    await harness.erasure.erase(caller.user_id)
    clock.advance(hours=1)
    await harness.erasure.erase(caller.user_id)
    clock.advance(hours=23, minutes=59, seconds=59)
    await sweep_settled(sweeper, clock)
    assert len(await rows(store)) == 2
    await sweep_settled(sweeper, clock)
    assert await rows(store) == []
