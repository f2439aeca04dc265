"""The audit log over gRPC."""

from coditect.tenants.v5 import audit_pb2, tenants_pb2
from tests.services.tenants.calls import active, create_tenant, refusal
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User


async def test_an_entry_has_the_address_and_the_user_agent_of_the_call(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """The address is the one that the gateway forwards."""
    token = service.mint.token(user)
    metadata = [("authorization", f"Bearer {token}"), ("x-forwarded-for", "192.0.2.7")]
    made = await stub.CreateTenant(tenants_pb2.CreateTenantRequest(name="Acme"), metadata=metadata)
    owner = active(user, made.tenant)
    request = audit_pb2.ListAuditRequest(tenant_id=made.tenant.tenant_id)
    (entry,) = (await service.call(stub.ListAudit, request, user=owner)).entries
    assert (entry.action, entry.user_id, entry.login_id, entry.address) == (
        "tenant.created", str(user.user_id), str(user.login_id), "192.0.2.7",
    )  # fmt: skip
    assert "grpc" in entry.user_agent


async def test_a_caller_chooses_the_order(service: Service, stub: TenantsStub, user: User) -> None:
    """The oldest entry comes first, or with `time desc` the newest one; there is no other order."""
    acme = await create_tenant(service, stub, user)
    owner = active(user, acme)
    renaming = tenants_pb2.UpdateTenantRequest(tenant_id=acme.tenant_id, name="New")
    await service.call(stub.UpdateTenant, renaming, user=owner)

    async def actions(order_by: str) -> list[str]:
        request = audit_pb2.ListAuditRequest(tenant_id=acme.tenant_id, order_by=order_by)
        answer = await service.call(stub.ListAudit, request, user=owner)
        return [entry.action for entry in answer.entries]

    assert await actions("") == await actions("time") == ["tenant.created", "tenant.renamed"]
    assert await actions("time desc") == ["tenant.renamed", "tenant.created"]
    other = audit_pb2.ListAuditRequest(tenant_id=acme.tenant_id, order_by="action")
    assert (await refusal(service, stub.ListAudit, other, user=owner)).reason == "INVALID_REQUEST"
