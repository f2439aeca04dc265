"""Which rule of auth uses which, for programs: as `wiring` does it for users."""

from dataclasses import dataclass

from services.auth.authorizations.approval import ApproveAuthorization
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.authorizations.pushed import PushRequest
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.logins.active_tenant import ActiveTenant, Tenants
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.wiring import Parts


@dataclass(frozen=True, slots=True)
class Authorizations:
    """The use cases of authorizations."""

    requests: AuthorizationRequests
    push: PushRequest
    approval: ApproveAuthorization


def authorizations(parts: Parts, tenants: Tenants, clients: OAuthClients) -> Authorizations:
    """Wires authorizations."""
    runtime, settings = parts.runtime, parts.settings
    requests = AuthorizationRequests(runtime, settings, clients)
    return Authorizations(
        requests,
        PushRequest(runtime, requests),
        ApproveAuthorization(runtime, ProgramTenants(ActiveTenant(tenants)), parts.events),
    )
