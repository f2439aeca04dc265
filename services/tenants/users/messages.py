"""What tenants stores about a user, as lines of an export."""

from google.protobuf.json_format import MessageToDict

from kernel import export
from kernel.cooperative import yielding
from services.tenants.audit.messages import entry
from services.tenants.memberships.messages import member, tenant
from services.tenants.memberships.model import Membership
from services.tenants.users.model import UserPage


async def lines(page: UserPage) -> list[str]:
    """The tenants and log entries of a page, each on a line."""
    tenants = [_tenant_line(membership) async for membership in yielding(page.memberships)]
    where = {"tenantId": "" if page.tenant_id is None else str(page.tenant_id)}
    entries = [
        export.line("auditEntry", entry(each), **where) async for each in yielding(page.entries)
    ]
    return tenants + entries


def _tenant_line(membership: Membership) -> str:
    """The tenant and the user as its member. `kind` is that of the line, `tenantKind` the tenant's."""
    fields = MessageToDict(tenant(membership), always_print_fields_with_no_presence=True)
    fields["tenantKind"] = fields.pop("kind")
    return export.line("tenant", member(membership.member), **fields)
