"""Device logins of the tests."""

import pytest

from tests.services.auth.device_login.harness import Devices
from tests.services.auth.harness import AuthHarness


@pytest.fixture
def devices(harness: AuthHarness) -> Devices:
    """Device logins of the harness."""
    return Devices(harness)
