"""The pages of the tests."""

import pytest

from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth_pages.harness import OAuthPages, Surfer


@pytest.fixture
def pages(harness: AuthHarness) -> OAuthPages:
    """The pages of the harness."""
    return OAuthPages(harness)


@pytest.fixture
def surfer(pages: OAuthPages) -> Surfer:
    """A person with a browser."""
    return Surfer(pages)
