"""Service accounts over a real channel."""

from typing import NamedTuple

from google.protobuf.struct_pb2 import ListValue

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1.auth_pb2_grpc import AuthInternalServiceStub
from coditect.auth.v5 import logins_pb2
from coditect.auth.v5.service_accounts_pb2 import (
    CreateServiceAccountKeyRequest,
    CreateServiceAccountRequest,
    DeleteServiceAccountKeyRequest,
    DeleteServiceAccountRequest,
    GetServiceAccountRequest,
    ListServiceAccountKeysRequest,
    ListServiceAccountsRequest,
    ServiceAccount,
    UpdateServiceAccountRequest,
)
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import Auth


class Admin(NamedTuple):
    """An admin of an organization.

    Attributes:
        tenant_id: The organization.
        token: The admin's access token there.
        account: A service account of the organization.
    """

    tenant_id: str
    token: str
    account: ServiceAccount

    @property
    def ids(self) -> dict[str, str]:
        """The ids of the organization and the account, as requests name them."""
        return {"tenant_id": self.tenant_id, "account_id": self.account.account_id}


async def admin_of(auth: Auth, fakes: FakeServices) -> Admin:
    """A new user as the admin of a new organization with a service account."""
    user = await auth.register()
    tenant_id = fakes.join(user.user.user_id)
    switch = logins_pb2.SwitchTenantRequest(tenant_id=tenant_id)
    switched = await auth.call("SwitchTenant", switch, user.tokens.access_token)
    token = switched.tokens.access_token
    request = CreateServiceAccountRequest(
        tenant_id=tenant_id, name="Build", role="member", scopes=["sessions:read"]
    )
    created = await auth.call("CreateServiceAccount", request, token)
    return Admin(tenant_id, token, created.service_account)


async def test_accounts(auth: Auth, fakes: FakeServices) -> None:
    """Made, got, listed, changed and deleted."""
    admin = await admin_of(auth, fakes)
    assert (admin.account.name, admin.account.role) == ("Build", "member")
    get = GetServiceAccountRequest(**admin.ids)
    assert (await auth.call("GetServiceAccount", get, admin.token)).service_account == admin.account
    page = ListServiceAccountsRequest(tenant_id=admin.tenant_id)
    listed = await auth.call("ListServiceAccounts", page, admin.token)
    assert list(listed.service_accounts) == [admin.account]
    scopes = ListValue()
    scopes.extend(["sessions:write", "tenants:read"])
    update = UpdateServiceAccountRequest(**admin.ids, name="Other", role="admin", scopes=scopes)
    changed = (await auth.call("UpdateServiceAccount", update, admin.token)).service_account
    assert (changed.name, changed.role, list(changed.scopes)) == (
        "Other",
        "admin",
        ["sessions:write", "tenants:read"],
    )
    update = UpdateServiceAccountRequest(**admin.ids)
    same = (await auth.call("UpdateServiceAccount", update, admin.token)).service_account
    assert same == changed
    delete = DeleteServiceAccountRequest(**admin.ids)
    await auth.call("DeleteServiceAccount", delete, admin.token)
    for method, request in (("DeleteServiceAccount", delete), ("GetServiceAccount", get)):
        reason = await auth.refused(method, request, admin.token)
        assert reason == "SERVICE_ACCOUNT_NOT_FOUND"


async def test_keys(auth: Auth, fakes: FakeServices) -> None:
    """Made, listed and revoked."""
    admin = await admin_of(auth, fakes)
    create = CreateServiceAccountKeyRequest(**admin.ids, name="Server", days=30)
    created = await auth.call("CreateServiceAccountKey", create, admin.token)
    assert created.token.startswith("cdt_sak_")
    page = ListServiceAccountKeysRequest(**admin.ids)
    assert list((await auth.call("ListServiceAccountKeys", page, admin.token)).keys) == [
        created.key
    ]
    revoke = DeleteServiceAccountKeyRequest(**admin.ids, key_id=created.key.key_id)
    await auth.call("DeleteServiceAccountKey", revoke, admin.token)
    reason = await auth.refused("DeleteServiceAccountKey", revoke, admin.token)
    assert reason == "SERVICE_ACCOUNT_KEY_NOT_FOUND"


async def test_scopes_of_an_update(auth: Auth, fakes: FakeServices) -> None:
    """None, one that a service account cannot have, and one that is no text."""
    admin = await admin_of(auth, fakes)
    for wrong in ([], ["account:read"], ["sessions:read", "login"], [1]):
        scopes = ListValue()
        scopes.extend(wrong)
        update = UpdateServiceAccountRequest(**admin.ids, scopes=scopes)
        assert await auth.refused("UpdateServiceAccount", update, admin.token) == "INVALID_REQUEST"


async def test_the_erasure_of_an_organization(auth: Auth, fakes: FakeServices) -> None:
    """Tenants asks for it, and may ask again."""
    admin = await admin_of(auth, fakes)
    client = auth.service.peer("tenants")
    erase = client.stub(AuthInternalServiceStub).EraseTenant
    for _ in range(2):
        await client.call(erase, internal_pb2.EraseTenantRequest(tenant_id=admin.tenant_id))
    page = ListServiceAccountsRequest(tenant_id=admin.tenant_id)
    listed = await auth.call("ListServiceAccounts", page, admin.token)
    assert not listed.service_accounts
