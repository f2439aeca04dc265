"""The fixtures of the tests of clients."""

import pytest

from kernel.identity.callers import Call
from services.auth import program_wiring
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.tenant_clients import TenantClients
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth_clients.admins import admin_of


@pytest.fixture
def authentication(harness: AuthHarness) -> ClientAuthentication:
    """What finds out which client calls."""
    return program_wiring.oauth_clients(harness.parts, harness.memberships).authentication


@pytest.fixture
def clients(harness: AuthHarness) -> TenantClients:
    """The use cases."""
    return program_wiring.oauth_clients(harness.parts, harness.memberships).of_tenants


@pytest.fixture
async def admin(harness: AuthHarness) -> Call:
    """The call of an admin of a tenant."""
    return await admin_of(harness)
