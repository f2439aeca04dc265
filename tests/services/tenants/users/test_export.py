"""The export of all data that tenants keeps about a user."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from kernel.errors import PageTokenInvalid, ServiceError
from kernel.identity.callers import Caller, Role
from kernel.identity.devices import Device
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.memberships.model import ORGANIZATION, Membership
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.calls import from_auth
from tests.services.tenants.harness import (
    TenantsHarness,
    call,
    person,
    profile_of,
    put_entries,
    put_organizations,
)
from tests.support.clock import START
from tests.support.service import Service
from tests.support.store import CountedReads

ADMIN = Role.ADMIN


async def exported(
    harness: TenantsHarness, user_id: UUID
) -> tuple[list[Membership], list[tuple[UUID, Any]]]:
    """The whole export of a user: memberships, and audit entries with their tenant."""
    memberships: list[Membership] = []
    entries: list[tuple[UUID, Any]] = []
    token = "begin"
    while token:
        found = await harness.export.page(user_id, "" if token == "begin" else token)
        memberships += found.page.memberships
        if found.page.tenant_id is not None:
            entries += [(found.page.tenant_id, entry) for entry in found.page.entries]
        token = found.next_page_token
    return memberships, entries


def organizations(memberships: Sequence[Membership]) -> list[Membership]:
    """Those in organizations: each user is the member of a self-tenant, too."""
    return [one for one in memberships if one.tenant.kind == ORGANIZATION]


async def test_an_export_soon_after_the_registration(harness: TenantsHarness) -> None:
    """It has the self-tenant, although auth has not delivered its task yet."""
    ada = person()
    memberships, _ = await exported(harness, ada.user_id)
    assert [one.tenant.tenant_id for one in memberships] == [self_tenant_id(ada.user_id)]


async def test_the_export_contains_all_memberships_and_entries_of_a_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Every tenant appears once, and no data of another user."""
    own = await harness.self_tenants.ensure(ada.user_id, START)
    more = await put_organizations(store, ada.user_id, 250)
    bob = person()
    other = await harness.found(bob, "Other")
    await put_entries(harness, acme, ada, 1_200)
    await put_entries(harness, acme, bob, 300)
    left = await harness.join(other)
    memberships, entries = await exported(harness, ada.user_id)
    mine = [await harness.membership(acme, ada.user_id), own, *more]
    assert {one.tenant.tenant_id for one in memberships} == {
        one.tenant.tenant_id for one in mine if one is not None
    }
    assert len(memberships) == len(mine) == 252
    assert len(entries) == 1_201
    assert {(tenant_id, entry.user_id) for tenant_id, entry in entries} == {(acme, ada.user_id)}
    memberships, entries = await exported(harness, left.user_id)
    assert organizations(memberships) == [await harness.membership(other, left.user_id)]
    assert entries == []


async def test_the_export_contains_what_others_did_to_a_user(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It hides the actor's login and device, and includes organizations the user has left."""
    bob = await harness.join(acme)
    home = Device("Home", "198.51.100.7")
    await harness.members.update(call(ada, acme, device=home), bob.user_id, ADMIN)
    await harness.members.remove(call(bob, acme, device=home), bob.user_id)
    memberships, entries = await exported(harness, bob.user_id)
    promoted, left = (entry for _, entry in entries)
    noted = (await harness.noted(ada, acme))[1:]
    assert organizations(memberships) == []
    assert left == noted[1]
    assert promoted == replace(noted[0], login_id=None, device=Device("", ""))


async def test_the_export_names_a_promised_role(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The user sees the role and the promised one, and not the invited address of someone else."""
    bob = person()
    made = await harness.invitations.create(call(ada, acme), "Other@Example.com", ADMIN)
    await harness.acceptance.accept(call(bob), made.token)
    kept = await lines(service, bob.user_id)
    (tenant,) = (line for line in kept if line.get("tenantKind") == ORGANIZATION)
    assert (tenant["role"], tenant["promisedRole"]) == ("member", "admin")
    assert "other@example.com" not in str(kept).lower()


async def test_the_export_of_an_erased_user_is_empty(
    harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """And that of a user whose organizations are deleted has the self-tenant alone."""
    bob = await harness.join(acme, ADMIN)
    await harness.organizations.update(call(bob, acme), TenantUpdate(name="New"))
    await harness.erasure.erase(bob.user_id)
    assert await exported(harness, bob.user_id) == ([], [])
    await harness.organizations.delete(call(ada, acme))
    await sweeper.sweep()
    memberships, entries = await exported(harness, ada.user_id)
    assert (organizations(memberships), entries) == ([], [])


async def test_the_export_continues_after_an_organization_is_deleted(
    harness: TenantsHarness, sweeper: Sweeper, ada: Caller
) -> None:
    """The next pages contain the entries of the other organization."""
    acme, other = sorted([await harness.found(ada), await harness.found(ada)])
    await put_entries(harness, acme, ada, 700)
    first = await harness.export.page(ada.user_id, "")
    second = await harness.export.page(ada.user_id, first.next_page_token)
    assert (second.page.tenant_id, len(second.page.entries)) == (acme, 500)
    await harness.organizations.delete(call(ada, acme))
    await sweeper.sweep()
    third = await harness.export.page(ada.user_id, second.next_page_token)
    assert third.page.entries == []
    fourth = await harness.export.page(ada.user_id, third.next_page_token)
    assert (fourth.page.tenant_id, len(fourth.page.entries)) == (other, 1)


async def test_a_page_of_the_export_reads_a_bounded_number_of_rows(
    store: Store, harness: TenantsHarness, ada: Caller
) -> None:
    """Another user has 3,000 audit entries in the user's organization."""
    acme = await harness.found(ada)
    await put_entries(harness, acme, person(), 3_000)
    counting = CountedReads(store)
    export, token, costs = (
        TenantsHarness(counting, harness.clock, harness.settings).export,
        "",
        [],
    )
    while token or not costs:
        before = counting.rows
        token = (await export.page(ada.user_id, token)).next_page_token
        costs.append(counting.rows - before)
    assert max(costs) <= 502
    assert len(costs) == 9


async def test_a_page_token_of_the_export_works_only_for_its_user_and_list(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The export refuses a token of another user or list; the audit log refuses this one."""
    bob = await harness.join(acme)
    token = (await harness.export.page(ada.user_id, "")).next_page_token
    listed = (await harness.members.list(call(ada, acme), 1, "")).next_page_token
    for user_id, bad in ((bob.user_id, token), (ada.user_id, listed), (ada.user_id, "garbage")):
        with pytest.raises(PageTokenInvalid):
            await harness.export.page(user_id, bad)
    with pytest.raises(PageTokenInvalid):
        await harness.audit.list(call(ada, acme), 1, token)


async def lines(service: Service, user_id: UUID) -> Sequence[dict[str, Any]]:
    """The lines that auth receives about a user."""
    found: list[dict[str, Any]] = []
    request = internal_pb2.ExportUserRequest(user_id=str(user_id))
    while True:
        page = await from_auth(service, "ExportUser", request)
        assert not any("\n" in line for line in page.lines)
        found += [json.loads(line) for line in page.lines]
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def test_auth_receives_a_json_line_for_each_tenant_and_entry(
    service: Service, ada: Caller, acme: UUID
) -> None:
    """Each line names its kind and has the fields of the public JSON."""
    *tenants, entry = await lines(service, ada.user_id)
    (tenant,) = (line for line in tenants if line["tenantKind"] == ORGANIZATION)
    profile = profile_of(ada.user_id)
    assert tenant == {
        "kind": "tenant",
        "tenantId": str(acme),
        "name": "Acme",
        "slug": "acme",
        "tenantKind": "organization",
        "state": "active",
        "createTime": "2030-01-02T03:04:05Z",
        "userId": str(ada.user_id),
        "email": profile.email,
        "displayName": profile.display_name,
        "role": "owner",
        "joinTime": "2030-01-02T03:04:05Z",
    }
    assert (entry["kind"], entry["tenantId"], entry["action"], entry["userId"]) == (
        "auditEntry", str(acme), "tenant.created", str(ada.user_id),
    )  # fmt: skip


async def test_a_malformed_page_token_is_refused(service: Service, ada: Caller) -> None:
    """Auth gets the error PAGE_TOKEN_INVALID."""
    request = internal_pb2.ExportUserRequest(user_id=str(ada.user_id), page_token="garbage")
    with pytest.raises(ServiceError) as error:
        await from_auth(service, "ExportUser", request)
    assert error.value.reason == "PAGE_TOKEN_INVALID"
