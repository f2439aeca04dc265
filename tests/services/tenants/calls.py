"""Calls to the running service of tenants, as its tests make them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import grpc
import pytest

from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from coditect.tenants.v5 import tenants_pb2
from kernel.errors import ServiceError
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User

INTERNAL: Callable[[grpc.aio.Channel], Any] = internal_grpc.TenantsInternalServiceStub


async def refusal(service: Service, method: Any, request: Any, **how: Any) -> ServiceError:
    """The error that the service answers a call with."""
    with pytest.raises(ServiceError) as error:
        await service.call(method, request, **how)
    return error.value


async def from_auth(service: Service, method: str, request: Any) -> Any:
    """The answer to a call that auth makes."""
    auth = service.peer("auth")
    return await auth.call(getattr(auth.stub(INTERNAL), method), request)


async def create_tenant(service: Service, stub: TenantsStub, user: User) -> tenants_pb2.Tenant:
    """A new organization of a user."""
    request = tenants_pb2.CreateTenantRequest(name=" Acme ")
    return (await service.call(stub.CreateTenant, request, user=user)).tenant


def active(user: User, tenant: tenants_pb2.Tenant) -> User:
    """The user with a token for a tenant."""
    return User(user.user_id, UUID(tenant.tenant_id), user.role, user.login_id)
