"""The rules of policies, and what follows from one for the calls of members."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.records.v1 import memberships_pb2
from kernel.errors import (
    AccessTokenRevoked,
    InvalidRequest,
    RoleMissing,
    SecondFactorRequired,
    TenantNotActive,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Call, Caller, Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, Write
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.memberships.model import Policy
from services.tenants.memberships.repository import TENANT
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from services.tenants.revocations.model import AccessRevocation
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, person, surely
from tests.services.tenants.policies.domains import COSTLY
from tests.support.clock import START

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
ON, OFF = PolicyUpdate(second_factor_required=True), PolicyUpdate(second_factor_required=False)
DAYS = 86_400

Use = Callable[[TenantsHarness, Call], Awaitable[Any]]


async def policy_of(harness: TenantsHarness, caller: Caller, tenant_id: UUID) -> Policy:
    """The policy as a member in a login with two factors reads it."""
    return await harness.policies.get(call(surely(caller), tenant_id))


async def last_detail(harness: TenantsHarness, ada: Caller, acme: UUID) -> tuple[str, str]:
    """Action and detail of the last audit entry."""
    entry = (await harness.noted(surely(ada), acme))[-1]
    return entry.action, entry.detail


async def test_a_new_organization_asks_for_nothing(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Every member reads the policy, and no user who is not one."""
    member = await harness.join(acme)
    for caller in (ada, member):
        assert await harness.policies.get(call(caller, acme)) == Policy()
    with pytest.raises(TenantNotFound):
        await harness.policies.get(call(person(), acme))
    with pytest.raises(TenantNotActive):
        await harness.policies.get(Call(ada, tenant_id=acme))


async def test_an_update_changes_only_the_given_values(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Members read the new policy; another organization keeps its own."""
    ours, member = call(surely(ada), acme), await harness.join(acme)
    other = await harness.found(ada, "Other")
    wanted = Policy()
    for values in (
        {"login_idle_seconds": 900},
        {"email_domains": ("example.com", "example.org")},
        {"second_factor_required": True},
        {"login_life_seconds": 7 * DAYS},
        {"email_domains": ()},
        {"login_idle_seconds": 0},
        {"programs_allowed": False},
        {"max_token_days": 90},
        {"programs_allowed": True},
        {},
    ):
        wanted = replace(wanted, **values)
        assert await harness.policies.update(ours, PolicyUpdate(**values)) == wanted
        assert await policy_of(harness, ada, acme) == wanted
    assert await policy_of(harness, member, acme) == wanted
    assert await policy_of(harness, ada, other) == Policy()


async def test_only_owners_change_a_policy(harness: TenantsHarness, acme: UUID) -> None:
    """Members and admins are refused, and a user who is not a member finds no tenant."""
    for role in (MEMBER, ADMIN):
        member = await harness.join(acme, role)
        with pytest.raises(RoleMissing):
            await harness.policies.update(call(surely(member), acme, OWNER), ON)
    with pytest.raises(TenantNotFound):
        await harness.policies.update(call(surely(person()), acme, OWNER), ON)


async def test_a_self_tenant_has_an_empty_policy(harness: TenantsHarness, ada: Caller) -> None:
    """Its user reads it before auth has ensured the tenant, and cannot change it."""
    own = self_tenant_id(ada.user_id)
    assert await harness.policies.get(call(ada, own)) == Policy()
    for changes in (ON, PolicyUpdate(login_idle_seconds=300), PolicyUpdate()):
        with pytest.raises(SelfTenantImmutable):
            await harness.policies.update(call(surely(ada), own), changes)


async def test_the_policy_of_a_suspended_organization(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Owners read it but do not change it; members do neither."""
    member = await harness.join(acme)
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    assert await harness.policies.get(call(ada, acme)) == Policy()
    with pytest.raises(TenantSuspended):
        await harness.policies.get(call(member, acme))
    with pytest.raises(TenantSuspended):
        await harness.policies.update(call(surely(ada), acme), ON)


async def test_an_owner_cannot_ask_for_what_they_lack(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Only a login with two factors turns the second factor on; another one is told what helps."""
    for has_second_factor, action in ((False, "enroll"), (True, "reauthenticate")):
        weak = replace(ada, has_second_factor=has_second_factor)
        with pytest.raises(SecondFactorRequired) as error:
            await harness.policies.update(call(weak, acme), ON)
        assert error.value.metadata == {"action": action}
    assert await harness.policies.get(call(ada, acme)) == Policy()
    assert (await harness.policies.update(call(surely(ada), acme), ON)).second_factor_required


async def _list_members(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.members.list(ours, 10, "")


async def _list_audit(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.audit.list(ours, 10, "")


async def _export_audit(harness: TenantsHarness, ours: Call) -> Any:
    return [piece async for piece in harness.audit.export(ours)]


async def _list_invitations(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.invitations.list(ours, 10, "")


async def _invite(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.invitations.create(ours, EMAIL, MEMBER)


async def _rename(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.organizations.update(ours, TenantUpdate(name="New"))


async def _read_policy(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.policies.get(ours)


async def _loosen_policy(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.policies.update(ours, OFF)


async def _remove(harness: TenantsHarness, ours: Call) -> Any:
    other = await harness.join(ours.tenant_id)
    return await harness.members.remove(ours, other.user_id)


async def _promote(harness: TenantsHarness, ours: Call) -> Any:
    other = await harness.join(ours.tenant_id)
    return await harness.members.update(ours, other.user_id, ADMIN)


async def _delete(harness: TenantsHarness, ours: Call) -> Any:
    return await harness.organizations.delete(ours)


USES = [
    _list_members, _list_audit, _export_audit, _list_invitations, _invite, _rename, _read_policy,
    _remove, _promote, _loosen_policy, _delete,
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
async def test_without_the_second_factor_that_is_asked_for(
    harness: TenantsHarness, ada: Caller, acme: UUID, use: Use
) -> None:
    """The calls of every role are refused, an owner's too; with two factors they succeed."""
    await harness.policies.update(call(surely(ada), acme), ON)
    for has_second_factor, action in ((False, "enroll"), (True, "reauthenticate")):
        weak = replace(ada, has_second_factor=has_second_factor)
        with pytest.raises(SecondFactorRequired) as error:
            await use(harness, call(weak, acme))
        assert error.value.metadata == {"action": action}
    await use(harness, call(surely(ada), acme))


@pytest.mark.parametrize("use", USES)
async def test_a_missing_role_or_membership_comes_before_a_missing_factor(
    harness: TenantsHarness, ada: Caller, acme: UUID, use: Use
) -> None:
    """Who may not call learns nothing of the policy."""
    await harness.policies.update(call(surely(ada), acme), ON)
    member = await harness.join(acme)
    with pytest.raises(RoleMissing):
        await use(harness, call(member, acme, ADMIN))
    with pytest.raises(TenantNotFound):
        await use(harness, call(person(), acme))


async def test_what_works_without_the_second_factor(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A member still lists and gets the tenant, and leaves; auth still reads the membership."""
    await harness.policies.update(call(surely(ada), acme), ON)
    member = await harness.join(acme)
    assert (await harness.tenants.get(call(member), acme)).tenant.policy.second_factor_required
    assert acme in {
        one.tenant.tenant_id for one in (await harness.tenants.list(call(member), 10, "")).items
    }
    await harness.memberships.find(member.user_id, acme)
    await harness.members.remove(call(member, acme, token=MEMBER), member.user_id)
    assert await harness.member(acme, member.user_id) is None


@pytest.mark.parametrize("use", USES)
async def test_a_program_where_programs_are_not_allowed(
    harness: TenantsHarness, ada: Caller, acme: UUID, use: Use
) -> None:
    """Its token is refused at once, whatever it is; the user's own login works on."""
    deny = PolicyUpdate(programs_allowed=False)
    await harness.policies.update(call(surely(ada), acme), deny)
    for values in ({"client_id": "coditect-cli"}, {"token_id": UUID(int=1)}):
        with pytest.raises(AccessTokenRevoked):
            await use(harness, call(replace(ada, **values), acme))  # type: ignore[arg-type]
    await use(harness, call(ada, acme))


async def test_a_program_where_programs_are_allowed_again(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Another organization of the user never refused it."""
    program, other = replace(ada, client_id="coditect-cli"), await harness.found(ada, "Other")
    for allowed in (False, True):
        changes = PolicyUpdate(programs_allowed=allowed)
        await harness.policies.update(call(surely(ada), acme), changes)
        await harness.policies.get(call(program, other))
    await harness.policies.get(call(program, acme))


@pytest.mark.parametrize(
    ("before", "changes", "revoked"),
    [
        (Policy(), ON, True),
        (Policy(second_factor_required=True), OFF, True),
        (Policy(second_factor_required=True), ON, False),
        (Policy(), PolicyUpdate(login_idle_seconds=300), True),
        (Policy(), PolicyUpdate(login_life_seconds=30 * DAYS), True),
        (Policy(login_idle_seconds=900), PolicyUpdate(login_idle_seconds=899), True),
        (Policy(login_life_seconds=900), PolicyUpdate(login_life_seconds=899), True),
        (Policy(login_idle_seconds=900), PolicyUpdate(login_idle_seconds=901), False),
        (Policy(login_life_seconds=900), PolicyUpdate(login_life_seconds=0), False),
        (Policy(login_idle_seconds=900), PolicyUpdate(login_idle_seconds=900), False),
        (Policy(), PolicyUpdate(programs_allowed=False), True),
        (Policy(programs_allowed=False), PolicyUpdate(programs_allowed=False), False),
        (Policy(programs_allowed=False), PolicyUpdate(programs_allowed=True), False),
        (Policy(), PolicyUpdate(max_token_days=3_650), True),
        (Policy(max_token_days=90), PolicyUpdate(max_token_days=89), True),
        (Policy(max_token_days=90), PolicyUpdate(max_token_days=91), False),
        (Policy(max_token_days=90), PolicyUpdate(max_token_days=0), False),
        (Policy(), PolicyUpdate(email_domains=("example.com",)), False),
        (Policy(email_domains=("example.com",)), PolicyUpdate(email_domains=()), False),
        (Policy(), PolicyUpdate(), False),
    ],
    ids=str,
)
async def test_a_stricter_policy_ends_the_tokens_of_before(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    before: Policy,
    changes: PolicyUpdate,
    revoked: bool,
) -> None:
    """Those of all members; sessions stay. A second factor that is turned off ends them, too."""
    ours = call(surely(ada), acme)
    values = {name: getattr(before, name) for name in Policy.__dataclass_fields__}
    await harness.policies.update(ours, PolicyUpdate(**values))
    epoch, queued = await harness.epoch(acme), await harness.token_revocations()
    await harness.policies.update(ours, changes)
    assert await harness.epoch(acme) == epoch + revoked
    added = [AccessRevocation(acme, None, epoch + 1)] if revoked else []
    assert await harness.token_revocations() == queued + added
    assert await harness.session_revocations() == []


async def test_a_change_is_in_the_audit_log(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Briefly; a change to what is there already is none."""
    ours = call(surely(ada), acme)
    many = tuple(f"d{number}.example.com" for number in range(7))
    for changes, detail in (
        (ON, "second factor required"),
        (OFF, "second factor optional"),
        (
            PolicyUpdate(email_domains=("b.example", "a.example")),
            "email domains a.example b.example",
        ),
        (PolicyUpdate(email_domains=many), f"email domains {' '.join(many[:5])} and 2 more"),
        (
            PolicyUpdate(email_domains=(), login_idle_seconds=900, login_life_seconds=DAYS),
            "email domains any, idle time of logins 900 s, life of logins 86400 s",
        ),
        (PolicyUpdate(login_idle_seconds=0), "idle time of logins unlimited"),
        (
            PolicyUpdate(programs_allowed=False, max_token_days=90),
            "programs not allowed, life of tokens 90 days",
        ),
        (
            PolicyUpdate(programs_allowed=True, max_token_days=0),
            "programs allowed, life of tokens unlimited",
        ),
    ):
        await harness.policies.update(ours, changes)
        assert await last_detail(harness, ada, acme) == ("policy.updated", detail)
        logged = len(await harness.noted(surely(ada), acme))
        await harness.policies.update(ours, changes)
        assert len(await harness.noted(surely(ada), acme)) == logged


async def test_domains_have_one_form(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """That of addresses: lowercase ASCII, each once and sorted."""
    given = (
        "Example.COM",
        "bücher.example",
        "xn--bcher-kva.example",
        "a.b-c.example",
        "example.com",
    )
    changed = await harness.policies.update(call(ada, acme), PolicyUpdate(email_domains=given))
    assert changed.email_domains == ("a.b-c.example", "example.com", "xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        *(
            (PolicyUpdate(email_domains=("example.com", text)), "emailDomains", "NOT_A_DOMAIN")
            for text in ("", " ", "@example.com", "a@example.com", "*.example.com",
                         "example..com", ".example.com", "example.com.", "-a.example", "a_b.example",
                         "[127.0.0.1]", "x" * 64 + ".example", "a." * 130 + "example", "x" * 100_000)
        ),
        (
            PolicyUpdate(email_domains=tuple(f"d{n}.example.com" for n in range(101))),
            "emailDomains",
            "TOO_MANY",
        ),
        *(
            (PolicyUpdate(**{name: seconds}), field, "OUT_OF_RANGE")
            for name, field in (
                ("login_idle_seconds", "loginIdleSeconds"),
                ("login_life_seconds", "loginLifeSeconds"),
            )
            for seconds in (-1, 1, 299, 30 * DAYS + 1)
        ),
        *(
            (PolicyUpdate(max_token_days=days), "maxTokenDays", "OUT_OF_RANGE")
            for days in (-1, 3_651)
        ),
    ],
)  # fmt: skip
async def test_values_that_a_policy_cannot_have(
    harness: TenantsHarness, ada: Caller, acme: UUID, changes: PolicyUpdate, field: str, reason: str
) -> None:
    """The error names the field, and nothing changes."""
    with pytest.raises(InvalidRequest) as error:
        await harness.policies.update(call(ada, acme), changes)
    assert [(bad.field, bad.reason) for bad in error.value.violations] == [(field, reason)]
    assert await harness.policies.get(call(ada, acme)) == Policy()


async def test_a_costly_list_is_converted_only_for_who_may_change_the_policy(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A stranger and a member are refused before that, which takes half a second."""
    changes, member = PolicyUpdate(email_domains=COSTLY), await harness.join(acme)
    started = time.thread_time()
    with pytest.raises(TenantNotFound):
        await harness.policies.update(call(surely(person()), acme, OWNER), changes)
    with pytest.raises(RoleMissing):
        await harness.policies.update(call(surely(member), acme, OWNER), changes)
    assert time.thread_time() - started < 0.2
    assert (await harness.policies.update(call(ada, acme), changes)).email_domains == COSTLY


async def test_the_largest_policy_fits(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A row with the longest name and 100 of the longest domains is not larger than it is declared."""
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="\U00010348" * 100))
    label = ".".join(["x" * 61] * 4)
    longest = tuple(f"d{number:02}.{label}"[:252] for number in range(100))
    changes = PolicyUpdate(True, longest, 30 * DAYS, 30 * DAYS)
    changed = await harness.policies.update(call(surely(ada), acme), changes)
    assert len(changed.email_domains) == 100
    assert await policy_of(harness, ada, acme) == changed
    value = await store.read(lambda tx: tx.get(TENANT.key(acme)))
    assert 25_000 < len(value or b"") <= TENANT.value.max_bytes


async def test_other_changes_keep_the_policy(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A new name and a new state leave it as it is."""
    ours = call(surely(ada), acme)
    policy = await harness.policies.update(
        ours, PolicyUpdate(True, ("example.com",), 900, 7 * DAYS)
    )
    await harness.organizations.update(ours, TenantUpdate(name="New", state="suspended"))
    await harness.organizations.update(ours, TenantUpdate(state="active"))
    assert await policy_of(harness, ada, acme) == policy


async def test_a_policy_keeps_what_a_newer_version_has_added(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A later version may ask for more; a change by this one leaves it there."""
    later = b"\xa2\x06\x05later"  # number 100

    async def add(tx: Write) -> None:
        record = memberships_pb2.TenantRecord.FromString(await tx.get(TENANT.key(acme)) or b"")
        record.policy.MergeFromString(later)
        tx.set(TENANT.key(acme), record.SerializeToString())

    await store.write(add)
    for changes in (PolicyUpdate(login_idle_seconds=900), PolicyUpdate(login_idle_seconds=0)):
        await harness.policies.update(call(ada, acme), changes)
        assert later in (await store.read(lambda tx: tx.get(TENANT.key(acme))) or b"")


async def test_a_repeat_shows_the_policy_as_it_is(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It asks for admission, changes nothing, and revokes nothing."""
    keyed = call(surely(ada), acme, key="key")
    await harness.policies.update(keyed, ON)
    later = await harness.policies.update(
        call(surely(ada), acme), PolicyUpdate(login_idle_seconds=900)
    )
    epoch = await harness.epoch(acme)
    assert await harness.policies.update(keyed, ON) == later
    assert await harness.epoch(acme) == epoch
    with pytest.raises(SecondFactorRequired):
        await harness.policies.update(call(ada, acme, key="key"), ON)
    other = await harness.join(acme, OWNER)
    await harness.members.update(call(surely(other), acme), ada.user_id, MEMBER)
    with pytest.raises(RoleMissing):
        await harness.policies.update(call(surely(ada), acme, OWNER, key="key"), ON)


async def test_a_member_who_joined_before_needs_no_new_proof(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Domains are for new members: one with another address stays, and keeps the role."""
    bob = await harness.join(acme, ADMIN, START)
    await harness.policies.update(call(ada, acme), PolicyUpdate(email_domains=("acme.example",)))
    await harness.members.list(call(bob, acme), 10, "")
    found = await harness.member(acme, bob.user_id)
    assert found is not None
    assert found.role == ADMIN
