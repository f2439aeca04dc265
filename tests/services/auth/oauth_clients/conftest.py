"""The fixtures of the tests of clients."""

import pytest

from services.auth import program_wiring
from services.auth.oauth_clients.authentication import ClientAuthentication
from tests.services.auth.harness import AuthHarness


@pytest.fixture
def authentication(harness: AuthHarness) -> ClientAuthentication:
    """What finds out which client calls."""
    return program_wiring.oauth_clients(harness.parts, harness.memberships).authentication
