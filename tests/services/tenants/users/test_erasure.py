"""Nothing of a deleted user remains in an organization."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from kernel.errors import ServiceError, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.identity.devices import Device
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.invitations import repository as invitations
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
from tests.support.tokens import caller_of, somebody

HOME = Device("Home", "198.51.100.7")
OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


def traces(caller: Caller, profile: Profile) -> list[bytes]:
    """What would tell of a user, in whatever form."""
    texts = [str(caller.user_id), str(caller.login_id), profile.email, profile.normalized_email]
    return [caller.user_id.bytes, *(text.encode() for text in (*texts, HOME.address))]


async def remains(store: Store, caller: Caller, profile: Profile) -> list[bytes]:
    """What is left of a user when what is queued and remembered of the deletion is removed."""
    spaces = (
        revocations.TOKEN_REVOCATIONS,
        revocations.SESSION_REVOCATIONS,
        invitations.INVITATION_EMAILS,
    )

    async def forget(tx: Write) -> None:
        for outbox in spaces:
            tx.clear_range(*outbox.rows.range())
        for family in memberships.DELETED_USERS.families:
            tx.clear_range(*family.range())

    await store.write(forget)
    left = await dump(store)
    return [trace for trace in traces(caller, profile) if trace in left]


async def test_nothing_remains(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Not of what somebody was, did, was done to it, or of how it came in and went out."""
    bob = person()
    profile = Profile(EMAIL, EMAIL.lower(), "Bob Roberts", 3)
    harness.profiles.told[bob.user_id] = profile
    new_invitation = await harness.invitations.create(call(ada, acme), EMAIL, ADMIN)
    await harness.acceptance.accept(call(bob, device=HOME), new_invitation.token)
    theirs = call(bob, acme, device=HOME)
    await harness.organizations.update(theirs, TenantUpdate(name="New"))
    eve = await harness.join(acme)
    await harness.members.update(theirs, eve.user_id, ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, OWNER)
    other = (
        await harness.organizations.create(call(bob, device=HOME), "Other", None)
    ).tenant.tenant_id
    await harness.join(other)
    await harness.members.remove(call(ada, acme), bob.user_id)
    assert await remains(store, bob, profile)
    await harness.erasure.erase(bob.user_id)
    assert await remains(store, bob, profile) == []


async def test_what_was_done_stays(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """An entry loses its user, and what only it has done to others is still told of them."""
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


async def test_an_invitation_is_no_user(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Only the ids of users are taken out."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await harness.invitations.create(call(bob, acme, device=HOME), EMAIL, MEMBER)
    await harness.erasure.erase(bob.user_id)
    _, created, _ = await harness.noted(ada, acme)
    invitation_id = new_invitation.invitation.invitation_id
    assert created == AuditEntry.unsigned(START, "invitation.created", invitation_id, "member")


async def test_no_address_is_noted(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """Not that of somebody who is invited, and maybe never comes."""
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
    """Has somebody have done much."""

    async def write(tx: Write) -> None:
        for _ in range(500):
            entry = AuditEntry.by(call(caller, device=HOME), START, "tenant.renamed", detail="x")
            audit.append(tx, tenant_id, entry)

    for _ in range(count // 500):
        await harness.store.write(write)


async def test_a_long_log_is_gone_through_in_pieces(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Each transaction looks at a bounded piece; one that was cut short goes on where it was."""
    bob = await harness.join(acme)
    await fill(harness, acme, bob, 2_000)
    looked = [await harness.store.write(lambda tx: audit.forget(tx, bob.user_id, 300))]
    noted = (await harness.noted(ada, acme))[1:]
    assert [one.user_id for one in noted[:299]] == [None] * 299
    assert {one.user_id for one in noted[299:]} == {bob.user_id}
    while looked[-1]:
        looked.append(await harness.store.write(lambda tx: audit.forget(tx, bob.user_id, 300)))
    assert len(looked) == 8  # 2,001 entries in seven pieces, and nothing
    assert (
        await harness.store.read(lambda tx: tx.get(audit.AUDIT_BY_USER.key(bob.user_id, acme)))
        is None
    )


async def test_others_do_things_meanwhile(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Nothing of what they do is lost, and nothing of the user comes back."""
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
    """What the first page of the log does not show."""
    first = await harness.audit.list(call(ada, acme, ADMIN), 1000, "")
    return (await harness.audit.list(call(ada, acme, ADMIN), 1000, first.next_page_token)).items


@pytest.mark.parametrize("what", ["rename", "promote", "be promoted", "leave", "invite", "make"])
async def test_whoever_is_deleted_while_doing_something(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, what: str
) -> None:
    """The thing is done before the deletion, or not: no entry names the user. Thirty times."""
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


async def test_a_deleted_organization_leaves_no_log(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
) -> None:
    """Nor who is in it, however many and however long ago; what is noted elsewhere stays."""
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


async def test_erased_while_the_organization_is_cleared(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """Whoever comes first, both are done and nothing is left."""
    bob = await harness.join(acme, ADMIN)
    await fill(harness, acme, bob, 1_000)
    await harness.organizations.delete(call(ada, acme))
    await asyncio.gather(sweeper.sweep(), harness.erasure.erase(bob.user_id))
    await sweeper.sweep()
    for family in (audit.AUDIT, audit.AUDIT_BY_USER, audit.AUDIT_USER, memberships.DELETED_TENANT):
        assert await rows_between(store, *family.range()) == []


async def test_erased_user_leaves_nothing_but_a_reminder(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """Erasing removes the self-tenant and all memberships, more than one transaction takes."""
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


async def test_erased_user_does_not_come_back(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """No late token and no late delivery makes the tenant of an erased user again."""
    await harness.self_tenants.ensure(caller.user_id, START)
    await harness.erasure.erase(caller.user_id)
    before = await rows(store)
    with pytest.raises(TenantNotFound):
        await harness.tenants.get(call(caller), expected_self_tenant_id(caller.user_id))
    assert (await harness.tenants.list(call(caller), 10, "")).items == []
    # The delivery must succeed, or it would come again until the reminder is gone.
    late = await harness.self_tenants.ensure(caller.user_id, START)
    assert late.tenant.tenant_id == expected_self_tenant_id(caller.user_id)
    assert await rows(store) == before


async def test_reminder_of_an_erased_user_is_swept(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, caller: Caller, clock: FixedClock
) -> None:
    """It stays longer than any token lives, also when erased twice, and then goes."""
    await harness.erasure.erase(caller.user_id)
    clock.advance(hours=1)
    await harness.erasure.erase(caller.user_id)
    clock.advance(hours=23)
    await sweeper.sweep()
    assert len(await rows(store)) == 2
    clock.advance(minutes=15)
    await sweeper.sweep()
    assert await rows(store) == []
