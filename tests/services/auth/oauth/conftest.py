"""Programs of the tests."""

import pytest

from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import Endpoints


@pytest.fixture
def endpoints(harness: AuthHarness) -> Endpoints:
    """Programs of the harness."""
    return Endpoints(harness)
