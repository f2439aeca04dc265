"""Between the contract and the service accounts: messages in, values through, messages out."""

from typing import Any
from uuid import UUID

from coditect.auth.v5 import service_accounts_pb2, service_accounts_pb2_grpc
from kernel.clock import timestamp
from kernel.fields import Fields
from kernel.identity.callers import Role, current_call
from kernel.identity.scopes import OF_SERVICE_ACCOUNTS
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.service_accounts.account_keys import ServiceAccountKeys
from services.auth.service_accounts.model import AccountUpdate, ServiceAccount, ServiceAccountKey
from services.auth.service_accounts.service_accounts import ServiceAccounts


class ServiceAccountsServicer(service_accounts_pb2_grpc.ServiceAccountsServiceServicer):
    """Answers coditect.auth.v5.ServiceAccountsService."""

    def __init__(self, accounts: ServiceAccounts, keys: ServiceAccountKeys) -> None:
        self._accounts = accounts
        self._keys = keys

    async def CreateServiceAccount(
        self, request: service_accounts_pb2.CreateServiceAccountRequest, context: Context
    ) -> service_accounts_pb2.CreateServiceAccountResponse:
        role, scopes = Role.parse(request.role), frozenset(request.scopes)
        account = await self._accounts.create(current_call(), request.name, role, scopes)
        return service_accounts_pb2.CreateServiceAccountResponse(service_account=_account(account))

    async def ListServiceAccounts(
        self, request: service_accounts_pb2.ListServiceAccountsRequest, context: Context
    ) -> service_accounts_pb2.ListServiceAccountsResponse:
        size = page_size(request.page_size)
        accounts, token = await self._accounts.list(current_call(), size, request.page_token)
        return service_accounts_pb2.ListServiceAccountsResponse(
            service_accounts=map(_account, accounts), next_page_token=token
        )

    async def GetServiceAccount(
        self, request: service_accounts_pb2.GetServiceAccountRequest, context: Context
    ) -> service_accounts_pb2.GetServiceAccountResponse:
        account = await self._accounts.get(current_call(), UUID(request.account_id))
        return service_accounts_pb2.GetServiceAccountResponse(service_account=_account(account))

    async def UpdateServiceAccount(
        self, request: service_accounts_pb2.UpdateServiceAccountRequest, context: Context
    ) -> service_accounts_pb2.UpdateServiceAccountResponse:
        fields = Fields()
        update = AccountUpdate(
            name=request.name if request.HasField("name") else None,
            role=Role.parse(request.role) if request.HasField("role") else None,
            scopes=_scopes(fields, request),
        )
        fields.check()
        account_id = UUID(request.account_id)
        account = await self._accounts.update(current_call(), account_id, update)
        return service_accounts_pb2.UpdateServiceAccountResponse(service_account=_account(account))

    async def DeleteServiceAccount(
        self, request: service_accounts_pb2.DeleteServiceAccountRequest, context: Context
    ) -> service_accounts_pb2.DeleteServiceAccountResponse:
        await self._accounts.delete(current_call(), UUID(request.account_id))
        return service_accounts_pb2.DeleteServiceAccountResponse()

    async def CreateServiceAccountKey(
        self, request: service_accounts_pb2.CreateServiceAccountKeyRequest, context: Context
    ) -> service_accounts_pb2.CreateServiceAccountKeyResponse:
        account_id, days = UUID(request.account_id), None
        if request.HasField("days"):
            days = request.days
        new = await self._keys.create(current_call(), account_id, request.name, days)
        return service_accounts_pb2.CreateServiceAccountKeyResponse(
            token=new.text, key=_key(new.key)
        )

    async def ListServiceAccountKeys(
        self, request: service_accounts_pb2.ListServiceAccountKeysRequest, context: Context
    ) -> service_accounts_pb2.ListServiceAccountKeysResponse:
        account_id, size = UUID(request.account_id), page_size(request.page_size)
        keys, token = await self._keys.list(current_call(), account_id, size, request.page_token)
        return service_accounts_pb2.ListServiceAccountKeysResponse(
            keys=map(_key, keys), next_page_token=token
        )

    async def DeleteServiceAccountKey(
        self, request: service_accounts_pb2.DeleteServiceAccountKeyRequest, context: Context
    ) -> service_accounts_pb2.DeleteServiceAccountKeyResponse:
        account_id, key_id = UUID(request.account_id), UUID(request.key_id)
        await self._keys.revoke(current_call(), account_id, key_id)
        return service_accounts_pb2.DeleteServiceAccountKeyResponse()


def check_update(request: Any, fields: Fields) -> None:
    """Notes wrong scopes of an UpdateServiceAccountRequest, of which the contract says only the type."""
    _scopes(fields, request)


def _scopes(
    fields: Fields, request: service_accounts_pb2.UpdateServiceAccountRequest
) -> frozenset[str] | None:
    """The scopes that an update asks for; None if it leaves them."""
    if not request.HasField("scopes"):
        return None
    names = frozenset(value.string_value for value in request.scopes.values)
    if not names or not names <= OF_SERVICE_ACCOUNTS:
        allowed = ", ".join(sorted(OF_SERVICE_ACCOUNTS))
        fields.refuse("scopes", "UNKNOWN", f"Must be some of {allowed}.")
    return names


def _account(account: ServiceAccount) -> service_accounts_pb2.ServiceAccount:
    return service_accounts_pb2.ServiceAccount(
        account_id=str(account.account_id),
        tenant_id=str(account.tenant_id),
        name=account.name,
        role=str(account.role),
        scopes=sorted(account.scopes),
        create_time=timestamp(account.create_time),
    )


def _key(key: ServiceAccountKey) -> service_accounts_pb2.ServiceAccountKey:
    used = key.last_used_time
    return service_accounts_pb2.ServiceAccountKey(
        key_id=str(key.key_id),
        name=key.name,
        create_time=timestamp(key.create_time),
        expire_time=timestamp(key.expire_time),
        last_used_time=None if used is None else timestamp(used),
        created_by="" if key.created_by is None else str(key.created_by),
    )
