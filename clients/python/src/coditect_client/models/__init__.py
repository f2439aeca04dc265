"""The shapes of requests and answers, as JSON has them.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from typing import TypedDict, final

from coditect_client.models import auth, sessions, tenants

__all__ = ["Empty", "auth", "sessions", "tenants"]


@final
class Empty(TypedDict):
    """An answer without data."""
