"""The fixtures of the tests of clients."""

import pytest

from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.dynamic_life import DynamicLife
from tests.services.auth.harness import AuthHarness


@pytest.fixture
def clients(harness: AuthHarness) -> OAuthClients:
    """All clients, without documents."""
    return OAuthClients(harness.runtime)


@pytest.fixture
def authentication(harness: AuthHarness, clients: OAuthClients) -> ClientAuthentication:
    """What finds out which client calls."""
    life = DynamicLife(harness.runtime, harness.settings)
    return ClientAuthentication(harness.runtime, harness.settings, clients, life)
