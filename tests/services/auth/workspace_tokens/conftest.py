"""The fixture of the tests of workspace tokens."""

import pytest

from tests.services.auth.harness import AuthHarness
from tests.services.auth.workspace_tokens.harness import Place


@pytest.fixture
async def place(harness: AuthHarness) -> Place:
    """Ada at work in a session in her self-tenant."""
    return Place(harness, await harness.register())
