"""The built console that the tests use."""

from pathlib import Path

import pytest

from tools.site.built import SITE, has_console


def site() -> Path:
    """The folder of the site, with the console; skips the test without it."""
    if not has_console(SITE):
        pytest.skip("the console is not built: `make console` builds it")
    return SITE
