"""Fixtures for the tests of webhooks."""

from collections.abc import AsyncIterator

import pytest

from services.tenants.settings import TenantsSettings
from tests.services.tenants.harness import make_settings
from tests.support.receiver import Receiver, receiving


@pytest.fixture
def settings() -> TenantsSettings:
    """Webhooks may send to receivers on this host."""
    return make_settings(WEBHOOK_PRIVATE_ADDRESSES="allowed", AUDIT_DAYS="10")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver."""
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    """Another receiver."""
    async with receiving() as receiver:
        yield receiver
