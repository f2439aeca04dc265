"""Tenants as messages for operators."""

from coditect.tenants.v5 import operator_tenants_pb2
from kernel.clock import timestamp
from services.tenants.operator_tenants.model import OperatedTenant


def tenant(found: OperatedTenant) -> operator_tenants_pb2.OperatedTenant:
    """A tenant as an operator sees it."""
    tenant = found.tenant
    return operator_tenants_pb2.OperatedTenant(
        tenant_id=str(tenant.tenant_id),
        name=tenant.name,
        slug=tenant.slug,
        kind=tenant.kind,
        state=tenant.state,
        suspended_by_operator=tenant.suspended_by_operator,
        create_time=timestamp(tenant.create_time),
        member_count=found.member_count,
        owner_ids=map(str, found.owner_ids),
    )
