"""Tenants over gRPC: turns requests into values, and values into responses."""

from typing import Any
from uuid import UUID

from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.fields import Fields
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.memberships import messages as memberships
from services.tenants.organizations import slugs
from services.tenants.organizations.listing import TenantReader
from services.tenants.organizations.model import TenantUpdate
from services.tenants.organizations.organizations import Organizations


class TenantsServicer(tenants_pb2_grpc.TenantsServiceServicer):
    """Answers coditect.tenants.v5.TenantsService."""

    def __init__(self, tenants: TenantReader, organizations: Organizations) -> None:
        self._tenants = tenants
        self._organizations = organizations

    async def CreateTenant(
        self, request: tenants_pb2.CreateTenantRequest, context: Context
    ) -> tenants_pb2.CreateTenantResponse:
        slug = request.slug if request.HasField("slug") else None
        membership = await self._organizations.create(current_call(), request.name, slug)
        return tenants_pb2.CreateTenantResponse(tenant=memberships.tenant(membership))

    async def ListTenants(
        self, request: tenants_pb2.ListTenantsRequest, context: Context
    ) -> tenants_pb2.ListTenantsResponse:
        limit = page_size(request.page_size)
        listing = await self._tenants.list(current_call(), limit, request.page_token)
        return tenants_pb2.ListTenantsResponse(
            tenants=map(memberships.tenant, listing.items),
            next_page_token=listing.next_page_token,
        )

    async def GetTenant(
        self, request: tenants_pb2.GetTenantRequest, context: Context
    ) -> tenants_pb2.GetTenantResponse:
        membership = await self._tenants.get(current_call(), UUID(request.tenant_id))
        return tenants_pb2.GetTenantResponse(tenant=memberships.tenant(membership))

    async def UpdateTenant(
        self, request: tenants_pb2.UpdateTenantRequest, context: Context
    ) -> tenants_pb2.UpdateTenantResponse:
        update = TenantUpdate(
            name=request.name if request.HasField("name") else None,
            state=request.state if request.HasField("state") else None,
        )
        membership = await self._organizations.update(current_call(), update)
        return tenants_pb2.UpdateTenantResponse(tenant=memberships.tenant(membership))

    async def DeleteTenant(
        self, request: tenants_pb2.DeleteTenantRequest, context: Context
    ) -> tenants_pb2.DeleteTenantResponse:
        await self._organizations.delete(current_call())
        return tenants_pb2.DeleteTenantResponse()


def check_slug(request: Any, fields: Fields) -> None:
    """Checks the slug of a CreateTenantRequest, of which the contract says only the length."""
    if request.HasField("slug"):
        slugs.check_slug(fields, request.slug)
