"""Tenants and organizations over gRPC, as the gateway calls them."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from coditect.tenants.v5 import members_pb2, tenants_pb2
from kernel.errors import Kind, StorageConflict
from kernel.self_tenant import self_tenant_id
from services.auth.users.errors import UserNotFound
from tests.services.tenants.calls import active, create_tenant, refusal
from tests.services.tenants.fakes import REVISION, FakeServices
from tests.services.tenants.harness import TenantsHarness, profile_of
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

UNKNOWN_ID = str(UUID(int=7, version=4))


async def test_an_organization_is_created_listed_changed_and_deleted(
    service: Service, stub: TenantsStub, user: User, harness: TenantsHarness
) -> None:
    """Its list of members shows the owner with the profile from auth."""
    made = await create_tenant(service, stub, user)
    assert (made.name, made.slug, made.kind, made.role, made.state) == (
        "Acme", "acme", "organization", "owner", "active",
    )  # fmt: skip
    listed = await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    assert made in listed.tenants
    owner = active(user, made)
    update = tenants_pb2.UpdateTenantRequest(tenant_id=made.tenant_id, name="New")
    changed = (await service.call(stub.UpdateTenant, update, user=owner)).tenant
    assert (changed.name, changed.slug) == ("New", "acme")
    members = members_pb2.ListMembersRequest(tenant_id=made.tenant_id)
    (member,) = (await service.call(stub.ListMembers, members, user=owner)).members
    stored = await harness.member(owner.tenant_id, user.user_id)
    assert stored is not None
    assert stored.profile.revision == REVISION
    profile = profile_of(user.user_id)
    assert (member.user_id, member.email, member.display_name, member.role) == (
        str(user.user_id), profile.email, profile.display_name, "owner",
    )  # fmt: skip
    delete = tenants_pb2.DeleteTenantRequest(tenant_id=made.tenant_id)
    await service.call(stub.DeleteTenant, delete, user=owner)
    assert (await refusal(service, stub.DeleteTenant, delete, user=owner)).kind is Kind.NOT_FOUND


async def test_an_idempotent_retry_works_from_another_active_tenant(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """It gets the first answer; another request under the same key is refused."""
    request = tenants_pb2.CreateTenantRequest(name="Acme")
    first = await service.call(stub.CreateTenant, request, user=user, key="key")
    elsewhere = active(user, first.tenant)
    assert await service.call(stub.CreateTenant, request, user=elsewhere, key="key") == first
    other = tenants_pb2.CreateTenantRequest(name="Other")
    error = await refusal(service, stub.CreateTenant, other, user=user, key="key")
    assert error.reason == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("fails", "reason"),
    [(StorageConflict(), "PROFILE_UNAVAILABLE"), (UserNotFound(), "ACCESS_TOKEN_REVOKED")],
)
async def test_creating_an_organization_requires_a_profile_from_auth(
    service: Service,
    stub: TenantsStub,
    user: User,
    fakes: FakeServices,
    fails: Any,
    reason: str,
) -> None:
    """The service refuses the call if auth fails or does not know the user."""
    fakes.fails = fails
    request = tenants_pb2.CreateTenantRequest(name="Acme")
    assert (await refusal(service, stub.CreateTenant, request, user=user)).reason == reason


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("CreateTenant", tenants_pb2.CreateTenantRequest(), [("name", "REQUIRED")]),
        (
            "CreateTenant",
            tenants_pb2.CreateTenantRequest(name="x" * 101, slug="X"),
            [("name", "TOO_LONG"), ("slug", "NOT_A_SLUG")],
        ),
        (
            "CreateTenant",
            tenants_pb2.CreateTenantRequest(name="A", slug=""),
            [("slug", "NOT_A_SLUG")],
        ),
        (
            "UpdateTenant",
            tenants_pb2.UpdateTenantRequest(tenant_id=UNKNOWN_ID, name=" ", state="closed"),
            [("name", "REQUIRED"), ("state", "UNKNOWN")],
        ),
        (
            "UpdateTenant",
            tenants_pb2.UpdateTenantRequest(tenant_id="x"),
            [("tenantId", "NOT_A_UUID")],
        ),
    ],
)
async def test_bad_fields_are_named(
    service: Service,
    stub: TenantsStub,
    user: User,
    method: str,
    request_: Any,
    expected: list[tuple[str, str]],
) -> None:
    """The error names every invalid field with its reason."""
    error = await refusal(service, getattr(stub, method), request_, user=user)
    assert error.reason == "INVALID_REQUEST"
    assert [(bad.field, bad.reason) for bad in error.violations] == expected


async def test_the_first_call_of_a_user_creates_the_self_tenant(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """One user lists tenants, another gets the self-tenant, before auth has ensured it."""
    listed = await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    assert [tenant.tenant_id for tenant in listed.tenants] == [str(user.tenant_id)]
    other = somebody()
    one = tenants_pb2.GetTenantRequest(tenant_id=str(self_tenant_id(other.user_id)))
    assert (await service.call(stub.GetTenant, one, user=other)).tenant.role == "owner"


async def test_a_user_who_is_not_a_member_gets_not_found(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """The answer is that of an unknown tenant."""
    await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    other = somebody(tenant_id=user.tenant_id)
    for tenant_id in (user.tenant_id, uuid4()):
        one = tenants_pb2.GetTenantRequest(tenant_id=str(tenant_id))
        error = await refusal(service, stub.GetTenant, one, user=other)
        assert (error.kind, error.reason) == (Kind.NOT_FOUND, "TENANT_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("GetTenant", tenants_pb2.GetTenantRequest(), ("tenantId", "REQUIRED")),
        ("GetTenant", tenants_pb2.GetTenantRequest(tenant_id="\0"), ("tenantId", "NOT_A_UUID")),
        (
            "ListTenants",
            tenants_pb2.ListTenantsRequest(page_size=-1),
            ("pageSize", "PAGE_SIZE_NEGATIVE"),
        ),
    ],
)
async def test_bad_fields_of_reads_are_named(
    service: Service,
    stub: TenantsStub,
    user: User,
    method: str,
    request_: Any,
    expected: tuple[str, str],
) -> None:
    """The error names the invalid field with its reason."""
    error = await refusal(service, getattr(stub, method), request_, user=user)
    assert error.reason == "INVALID_REQUEST"
    assert [(bad.field, bad.reason) for bad in error.violations] == [expected]


async def test_a_malformed_page_token_is_refused(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """The error is INVALID, with the reason PAGE_TOKEN_INVALID."""
    request = tenants_pb2.ListTenantsRequest(page_token="garbage")
    error = await refusal(service, stub.ListTenants, request, user=user)
    assert (error.kind, error.reason) == (Kind.INVALID, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetTenant", tenants_pb2.GetTenantRequest(tenant_id=str(uuid4()))),
        ("ListTenants", tenants_pb2.ListTenantsRequest()),
    ],
)
async def test_reads_require_an_access_token(
    service: Service, stub: TenantsStub, method: str, request_: Any
) -> None:
    """The service answers UNAUTHENTICATED to a call without one."""
    error = await refusal(service, getattr(stub, method), request_)
    assert (error.kind, error.reason) == (Kind.UNAUTHENTICATED, "ACCESS_TOKEN_MISSING")
