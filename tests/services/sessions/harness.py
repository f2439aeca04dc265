"""What the tests of the rules of sessions share."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Caller, Role
from services.sessions.model import NewSession, Session
from services.sessions.sessions import Listing
from tests.support.clock import START

DRAFT = NewSession("Name", "/work", b"")
NOW = int(START.timestamp() * 1000)
HOUR = 3_600_000

List = Callable[[Caller, int, str], Awaitable[Listing]]


def others(caller: Caller) -> list[Caller]:
    """Callers that must not see the sessions: another user, and the caller in another tenant."""
    return [
        replace(caller, user_id=uuid4(), role=Role.OWNER),
        replace(caller, tenant_id=uuid4(), role=Role.OWNER),
    ]


def admin_call(caller: Caller) -> Call:
    """A call whose caller may manage the sessions of others."""
    return Call(caller, others_least_role=Role.MEMBER)


def replay(key: str = "key", digest: bytes = b"digest") -> IdempotentRequest:
    """A request with an idempotency key."""
    return IdempotentRequest("caller", "method", key, digest)


async def pages(list_page: List, caller: Caller, limit: int) -> list[list[Session]]:
    """All pages of a list."""
    found, token = [], ""
    while True:
        page = await list_page(admin_call(caller), limit, token)
        found.append(page.items)
        token = page.next_page_token
        if not token:
            return found
