"""The admins of tenants, and the clients that they make."""

from dataclasses import replace
from typing import Any

from kernel.identity.callers import Call, Caller, Role
from services.auth.oauth_clients.metadata import ClientMetadata
from services.auth.oauth_clients.model import AuthMethod
from tests.services.auth.harness import METADATA, AuthHarness

URI = "https://robot.example.com/callback"


async def admin_of(harness: AuthHarness, email: str = "Ada@Example.com") -> Call:
    """The call of an admin of a new tenant."""
    result = await harness.register(email)
    tenant = harness.memberships.put(result.user.user_id, Role.ADMIN)
    caller = replace(harness.caller(result), tenant_id=tenant.tenant_id, role=Role.ADMIN)
    return call(caller)


def call(caller: Caller) -> Call:
    """A call about clients of the caller's tenant."""
    return Call(caller, METADATA, tenant_id=caller.tenant_id, least_role=Role.ADMIN)


def metadata(**values: Any) -> ClientMetadata:
    """What is said of a good client, except for the given values."""
    said: dict[str, Any] = {
        "name": "Robot",
        "redirect_uris": (URI,),
        "grant_types": ("authorization_code", "refresh_token"),
        "scopes": ("sessions:read",),
        "auth_method": AuthMethod.BASIC,
    }
    return ClientMetadata(**{**said, **values})
