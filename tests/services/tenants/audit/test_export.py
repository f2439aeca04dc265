"""The export of a tenant's audit log."""

import json
from uuid import UUID

import pytest

from coditect.tenants.v5 import audit_pb2
from kernel.errors import RoleMissing, TenantNotFound
from kernel.identity.callers import Caller, Role
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.downloads import download, pieces
from tests.services.tenants.harness import DEVICE, TenantsHarness, call, put_entries
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody


async def test_the_export_streams_the_whole_audit_log(
    service: Service, stub: TenantsStub, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It has a JSON object on each line, the oldest first, and 100 lines in a piece."""
    await put_entries(harness, acme, ada, 1_200)
    user = somebody(user_id=ada.user_id, tenant_id=acme)
    request = audit_pb2.ExportAuditRequest(tenant_id=str(acme))
    found = [piece async for piece in pieces(service, stub.ExportAudit, request, user)]
    assert {piece.content_type for piece in found} == {"application/x-ndjson"}
    assert [piece.data.count(b"\n") for piece in found] == [100] * 12 + [1]
    assert found[-1].data.endswith(b"\n")
    first, second, *rest = b"".join(piece.data for piece in found).decode().split("\n")
    assert json.loads(first) == {
        "kind": "auditEntry",
        "time": "2030-01-02T03:04:05Z",
        "userId": str(ada.user_id),
        "loginId": str(ada.login_id),
        "action": "tenant.created",
        "target": "",
        "detail": "",
        "address": DEVICE.address,
        "userAgent": DEVICE.user_agent,
        "clientId": "",
        "tokenId": "",
        "agent": "",
        "byServiceAccount": False,
        "byOperator": False,
        "targetName": "",
    }
    assert json.loads(second)["detail"] == "0 \u2028ü"
    assert json.loads(rest[-2])["detail"] == "1199 \u2028ü"


async def test_the_export_of_an_empty_audit_log_has_a_content_type(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """The log is that of a self-tenant, which the call creates."""
    request = audit_pb2.ExportAuditRequest(tenant_id=str(user.tenant_id))
    (only,) = [piece async for piece in pieces(service, stub.ExportAudit, request, user)]
    assert (only.content_type, only.data) == ("application/x-ndjson", b"")


async def test_an_owner_exports_the_audit_log_of_a_suspended_tenant(
    service: Service, stub: TenantsStub, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The export contains the suspension."""
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    user = somebody(user_id=ada.user_id, tenant_id=acme)
    request = audit_pb2.ExportAuditRequest(tenant_id=str(acme))
    data = await download(service, stub.ExportAudit, request, user)
    assert [json.loads(line)["action"] for line in data.decode().splitlines()] == [
        "tenant.created", "tenant.suspended",
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["removed", "demoted", "deleted"])
async def test_an_export_ends_when_its_reader_loses_access(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """After the first piece, the next one fails with the error of a read."""
    await put_entries(harness, acme, ada, 700)
    bob = await harness.join(acme, Role.ADMIN)
    reading = harness.audit.export(call(bob, acme, Role.ADMIN))
    assert len(await anext(reading)) == 100
    if how == "removed":
        await harness.members.remove(call(ada, acme), bob.user_id)
    elif how == "demoted":
        await harness.members.update(call(ada, acme), bob.user_id, Role.MEMBER)
    else:
        await harness.organizations.delete(call(ada, acme))
    with pytest.raises(RoleMissing if how == "demoted" else TenantNotFound):
        await anext(reading)
