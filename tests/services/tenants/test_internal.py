"""Tenants over gRPC, as auth calls it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.v5 import tenants_pb2
from kernel.errors import Kind, ServiceError
from kernel.identity.callers import Caller, Role
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from kernel.self_tenant import self_tenant_id
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships.model import Profile
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from tests.services.tenants.calls import INTERNAL, from_auth, refusal
from tests.services.tenants.harness import TenantsHarness, call, person, surely
from tests.support.clock import START
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User

FOR_AUTH = [
    "EnsureSelfTenant",
    "EraseUser",
    "GetMembership",
    "GetTenantState",
    "UpdateUserProfile",
    "ListTenantsOfUser",
    "ExportUser",
    "AppendAuditEvent",
]


async def test_auth_ensures_a_self_tenant(service: Service, stub: TenantsStub, user: User) -> None:
    """The user sees the self-tenant that auth has ensured; a second call changes nothing."""
    time = START - timedelta(seconds=1)
    request = internal_pb2.EnsureSelfTenantRequest(user_id=str(user.user_id), create_time=time)
    for _ in range(2):
        made = await from_auth(service, "EnsureSelfTenant", request)
        assert made == internal_pb2.EnsureSelfTenantResponse()
    one = tenants_pb2.GetTenantRequest(tenant_id=str(user.tenant_id))
    got = (await service.call(stub.GetTenant, one, user=user)).tenant
    assert got == tenants_pb2.Tenant(
        tenant_id=str(user.tenant_id),
        name="Personal",
        slug=f"personal-{user.tenant_id.hex[:12]}",
        kind="self",
        role="owner",
        state="active",
        create_time=time,
    )
    listed = await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    assert listed == tenants_pb2.ListTenantsResponse(tenants=[got])


async def test_auth_erases_a_user(service: Service, stub: TenantsStub, user: User) -> None:
    """The user has no tenant any more, and a read does not create the self-tenant again."""
    await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    for _ in range(2):
        request = internal_pb2.EraseUserRequest(user_id=str(user.user_id))
        await from_auth(service, "EraseUser", request)
    listed = await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    assert not listed.tenants
    one = tenants_pb2.GetTenantRequest(tenant_id=str(user.tenant_id))
    error = await refusal(service, stub.GetTenant, one, user=user)
    assert error.reason == "TENANT_NOT_FOUND"


async def test_auth_gets_a_membership_with_role_state_and_epoch(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A user who is not a member is not found; a suspended tenant is open to owners only."""
    bob = await harness.join(acme)
    await harness.members.update(call(ada, acme), bob.user_id, Role.ADMIN)
    asked = internal_pb2.GetMembershipRequest(user_id=str(bob.user_id), tenant_id=str(acme))
    assert await from_auth(service, "GetMembership", asked) == internal_pb2.GetMembershipResponse(
        tenant_id=str(acme),
        name="Acme",
        slug="acme",
        kind="organization",
        role="admin",
        state="active",
        create_time=START,
        tenant_epoch=1,
        programs_allowed=True,
    )
    own = self_tenant_id(bob.user_id)
    request = internal_pb2.GetMembershipRequest(user_id=str(bob.user_id), tenant_id=str(own))
    found = await from_auth(service, "GetMembership", request)
    assert (found.kind, found.role, found.tenant_epoch) == ("self", "owner", 0)
    stranger = internal_pb2.GetMembershipRequest(user_id=str(uuid4()), tenant_id=str(acme))
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    for request, kind, reason in (
        (stranger, Kind.NOT_FOUND, "TENANT_NOT_FOUND"),
        (asked, Kind.FORBIDDEN, "TENANT_SUSPENDED"),
    ):
        with pytest.raises(ServiceError) as error:
            await from_auth(service, "GetMembership", request)
        assert (error.value.kind, error.value.reason) == (kind, reason)
    asked.user_id = str(ada.user_id)
    found = await from_auth(service, "GetMembership", asked)
    assert (found.role, found.state, found.tenant_epoch) == ("owner", "suspended", 2)


async def test_auth_gets_what_a_tenant_asks_of_logins(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Every member's membership has it, with the epoch of the change; a self-tenant asks for nothing."""
    bob = await harness.join(acme)
    asks = PolicyUpdate(True, ("example.com",), 900, 86_400)
    await harness.policies.update(call(surely(ada), acme), asks)
    for tenant_id, wanted in (
        (acme, (True, 900, 86_400, 1)),
        (self_tenant_id(bob.user_id), (False, 0, 0, 0)),
    ):
        request = internal_pb2.GetMembershipRequest(
            user_id=str(bob.user_id), tenant_id=str(tenant_id)
        )
        found = await from_auth(service, "GetMembership", request)
        limits = found.login_idle_seconds, found.login_life_seconds
        assert (found.second_factor_required, *limits, found.tenant_epoch) == wanted


async def test_auth_gets_what_a_tenant_asks_of_programs(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """With each membership, and with the state of the tenant."""
    asks = PolicyUpdate(programs_allowed=False, max_token_days=90)
    await harness.policies.update(call(surely(ada), acme), asks)
    own = self_tenant_id(ada.user_id)
    for tenant_id, wanted in ((acme, (False, 90)), (own, (True, 0))):
        request = internal_pb2.GetMembershipRequest(
            user_id=str(ada.user_id), tenant_id=str(tenant_id)
        )
        found = await from_auth(service, "GetMembership", request)
        state = await from_auth(
            service,
            "GetTenantState",
            internal_pb2.GetTenantStateRequest(tenant_id=str(tenant_id)),
        )
        assert (found.programs_allowed, found.longest_token_days) == wanted
        assert (state.programs_allowed, state.longest_token_days) == wanted


async def test_auth_gets_the_state_of_a_tenant(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """With kind and epoch, also of a suspended one; a deleted or unknown one is not found."""
    request = internal_pb2.GetTenantStateRequest(tenant_id=str(acme))
    found = await from_auth(service, "GetTenantState", request)
    assert found == internal_pb2.GetTenantStateResponse(
        kind="organization", state="active", programs_allowed=True
    )
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    found = await from_auth(service, "GetTenantState", request)
    assert (found.state, found.tenant_epoch) == ("suspended", 1)
    await harness.organizations.delete(call(ada, acme))
    for tenant_id in (acme, uuid4()):
        with pytest.raises(ServiceError) as error:
            await from_auth(
                service,
                "GetTenantState",
                internal_pb2.GetTenantStateRequest(tenant_id=str(tenant_id)),
            )
        assert (error.value.kind, error.value.reason) == (Kind.NOT_FOUND, "TENANT_NOT_FOUND")


async def test_auth_lists_the_tenants_of_a_user(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Those in which a program can act: not a suspended one of others, nor one that takes no programs."""
    bob = await harness.join(acme)
    closed = await harness.found(ada, "Closed")
    await harness.policies.update(call(surely(ada), closed), PolicyUpdate(programs_allowed=False))
    own = self_tenant_id(ada.user_id)
    request = internal_pb2.ListTenantsOfUserRequest(user_id=str(ada.user_id))
    found = (await from_auth(service, "ListTenantsOfUser", request)).tenants
    assert {(one.tenant_id, one.name, one.kind) for one in found} == {
        (str(own), "Personal", "self"),
        (str(acme), "Acme", "organization"),
    }
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    for user_id, number in ((ada.user_id, 2), (bob.user_id, 1)):
        request = internal_pb2.ListTenantsOfUserRequest(user_id=str(user_id))
        assert len((await from_auth(service, "ListTenantsOfUser", request)).tenants) == number


async def test_auth_updates_a_profile(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Members see first and last name as one display name, and the address."""
    request = internal_pb2.UpdateUserProfileRequest(
        user_id=str(ada.user_id),
        first_name="Ada",
        last_name="King",
        profile_revision=3,
        email="King@Example.com",
        normalized_email="king@example.com",
    )
    await from_auth(service, "UpdateUserProfile", request)
    found = await harness.member(acme, ada.user_id)
    assert found is not None
    assert found.profile == Profile("King@Example.com", "king@example.com", "Ada King", 3)


async def test_auth_tells_of_a_proved_address(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The member gets the role that waited for the proof of this address, and not before."""
    bob = person()
    made = await harness.invitations.create(call(ada, acme), "Bob@Example.com", Role.ADMIN)
    await harness.acceptance.accept(call(bob), made.token)
    for address, verified, role in (
        ("bob@example.com", False, Role.MEMBER),
        ("bob@example.org", True, Role.MEMBER),
        ("bob@example.com", True, Role.ADMIN),
    ):
        request = internal_pb2.UpdateUserProfileRequest(
            user_id=str(bob.user_id),
            email=address,
            normalized_email=address,
            email_verified=verified,
        )
        await from_auth(service, "UpdateUserProfile", request)
        found = await harness.member(acme, bob.user_id)
        assert found is not None
        assert found.role == role


async def test_auth_appends_to_the_audit_log(
    service: Service, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """An admin sees what auth has said, once; a user that is deleted meanwhile is left out."""
    target_id, token_id = uuid4(), uuid4()
    event = internal_pb2.AppendAuditEventRequest(
        event_id=str(uuid4()),
        tenant_id=str(acme),
        time=START,
        user_id=str(ada.user_id),
        login_id=str(ada.login_id),
        action="client.created",
        target_id=str(target_id),
        target_name="Robot",
        detail="member",
        address="192.0.2.1",
        user_agent="curl",
        client_id="coditect-cli",
        token_id=str(token_id),
        agent="reviewer",
    )
    for _ in range(2):
        await from_auth(service, "AppendAuditEvent", event)
    assert (await harness.noted(ada, acme))[1:] == [
        AuditEntry(
            time=START,
            user_id=ada.user_id,
            login_id=ada.login_id,
            action="client.created",
            target=target_id,
            detail="member",
            device=Device("curl", "192.0.2.1"),
            program=Program("coditect-cli", token_id, "reviewer"),
            target_name="Robot",
            log_time=START,
        )
    ]
    without_user = internal_pb2.AppendAuditEventRequest(
        event_id=str(uuid4()), tenant_id=str(acme), time=START, action="client.deleted",
        target_id=str(target_id), target_name="Robot",
    )  # fmt: skip
    await from_auth(service, "AppendAuditEvent", without_user)
    last = (await harness.noted(ada, acme))[-1]
    assert (last.action, last.user_id, last.login_id) == ("client.deleted", None, None)


@pytest.mark.parametrize("method", FOR_AUTH)
async def test_only_auth_calls_the_internal_methods(
    service: Service, user: User, method: str
) -> None:
    """Users and other services are refused; an error to auth names the invalid field."""
    request = getattr(internal_pb2, f"{method}Request")()
    error = await refusal(service, getattr(service.stub(INTERNAL), method), request, user=user)
    assert error.reason == "SERVICE_TOKEN_INVALID"
    sessions = service.peer("sessions")
    with pytest.raises(ServiceError) as refused:
        await sessions.call(getattr(sessions.stub(INTERNAL), method), request)
    assert refused.value.reason == "SERVICE_NOT_ALLOWED"
    with pytest.raises(ServiceError) as bad:
        await from_auth(service, method, request)
    field = "tenantId" if method in {"GetTenantState", "AppendAuditEvent"} else "userId"
    assert (field, "REQUIRED") in {(v.field, v.reason) for v in bad.value.violations}
