"""The fixtures of the tests of emails to users."""

from collections.abc import AsyncIterator

import pytest

from kernel.storage import Store
from tests.services.auth.harness import AuthHarness, make_settings
from tests.services.auth.notifications.harness import Limited, Post
from tests.support.clock import FixedClock


@pytest.fixture
def post() -> Post:
    """The mail route of the test."""
    return Post()


@pytest.fixture
async def limited(store: Store, clock: FixedClock) -> AsyncIterator[Limited]:
    """Builds all use cases with a mail route and the given settings."""
    made = []

    def limited(**environ: str) -> AuthHarness:
        made.append(
            AuthHarness(store, clock, make_settings(**{"MAIL_URL": "file:///no", **environ}))
        )
        return made[-1]

    yield limited
    for one in made:
        await one.passwords.close()


@pytest.fixture
def mailing(limited: Limited) -> AuthHarness:
    """The use cases with a mail route."""
    return limited()
