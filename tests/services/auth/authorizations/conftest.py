"""Programs of the tests."""

import pytest

from tests.services.auth.authorizations.harness import Programs
from tests.services.auth.harness import AuthHarness


@pytest.fixture
def programs(harness: AuthHarness) -> Programs:
    """Programs of the harness."""
    return Programs(harness)
