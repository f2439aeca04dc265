"""Who may call what: every method of every service against every kind of wrong caller.

The table is the contract itself, so a new method is in it from its first day.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.identity import service_tokens
from kernel.identity.access_rules import Rule
from kernel.identity.callers import Role
from kernel.identity.revocations import Revocation
from kernel.identity.service_tokens import ServiceTokens
from kernel.storage import open_store
from tests.contract.services import (
    CONTEXTS,
    Metadata,
    bearer,
    channel_to,
    reason_of,
    rules,
    whole,
)
from tests.support.clock import FixedClock
from tests.support.service import SERVICE_KEY, Service
from tests.support.tokens import LIFE_SECONDS, somebody

Reasons = dict[str, str]


@pytest.fixture(params=CONTEXTS)
async def service(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Service]:
    """Each of the services, whole, on a store of its own."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 28}")
    async with whole(request.param, store, clock) as running:
        yield running
    await store.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock()


async def reasons(service: Service, metadata: Metadata, body: bytes = b"") -> Reasons:
    """What each method answers to that caller: a reason, or `OK`."""
    async with channel_to(service) as channel:
        return {path: await reason_of(channel, path, metadata, body) for path in rules(service)}


def _kind(rule: Rule) -> str:
    return "public" if rule.public else "user" if rule.user else "service"


def of_kind(service: Service, given: Reasons, kind: str) -> Reasons:
    """The answers of the methods for one kind of caller."""
    return {path: given[path] for path, rule in rules(service).items() if _kind(rule) == kind}


def all_the(service: Service, kind: str, reason: str) -> Reasons:
    """That every method for one kind of caller gives one reason."""
    return {path: reason for path, rule in rules(service).items() if _kind(rule) == kind}


CASES = ("none", "garbage", "expired", "revoked login", "deleted user", "feed silent")
REASONS = {
    "none": "ACCESS_TOKEN_MISSING",
    "garbage": "ACCESS_TOKEN_INVALID",
    "expired": "ACCESS_TOKEN_EXPIRED",
    "revoked login": "ACCESS_TOKEN_REVOKED",
    "deleted user": "ACCESS_TOKEN_REVOKED",
    "feed silent": "REVOCATIONS_STALE",
}


@pytest.mark.parametrize("case", CASES)
async def test_methods_for_users(service: Service, clock: FixedClock, case: str) -> None:
    """A method for users lets nobody in without a living token, whatever it is asked."""
    user = somebody()
    token = service.mint.token(user)
    metadata = {} if case == "none" else bearer("garbage" if case == "garbage" else token)
    revocations = service.app.authorizer.revocations
    if case == "expired":
        service.advance(seconds=LIFE_SECONDS)
    elif case == "revoked login":
        revocations.add([Revocation(user.user_id, clock.now(), login_id=user.login_id)])
    elif case == "deleted user":
        revocations.add([Revocation(user.user_id, clock.now())])
    elif case == "feed silent":
        clock.advance(seconds=6)

    given = of_kind(service, await reasons(service, metadata), "user")

    assert given == all_the(service, "user", REASONS[case])
    assert given


async def test_methods_for_services_refuse_users(service: Service) -> None:
    """A method for services is closed to users, owners too, and to callers without a token."""
    owner = bearer(service.mint.token(somebody(role=Role.OWNER)))
    for metadata in ({}, owner, owner | {service_tokens.HEADER: "garbage"}):
        given = of_kind(service, await reasons(service, metadata), "service")
        assert given == all_the(service, "service", "SERVICE_TOKEN_INVALID")


async def test_methods_for_services_refuse_other_services(
    service: Service, clock: FixedClock
) -> None:
    """A service that the contract does not name stays out, and so does a token for another."""
    stranger = ServiceTokens("stranger", [SERVICE_KEY], clock)
    named = {service_tokens.HEADER: stranger.issue(service.name)}
    given = of_kind(service, await reasons(service, named), "service")
    assert given == all_the(service, "service", "SERVICE_NOT_ALLOWED")

    elsewhere = {service_tokens.HEADER: ServiceTokens("auth", [SERVICE_KEY], clock).issue("x")}
    given = of_kind(service, await reasons(service, elsewhere), "service")
    assert given == all_the(service, "service", "SERVICE_TOKEN_INVALID")


async def test_service_tokens_open_no_method_for_users(service: Service, clock: FixedClock) -> None:
    """Being a service is not being a user."""
    token = ServiceTokens("auth", [SERVICE_KEY], clock).issue(service.name)

    given = of_kind(service, await reasons(service, {service_tokens.HEADER: token}), "user")

    assert given == all_the(service, "user", "ACCESS_TOKEN_MISSING")


async def test_malformed_messages(service: Service) -> None:
    """Bytes that are no message get a clear refusal from every unary method that one may call."""
    metadata = bearer(service.mint.token(somebody()))

    given = await reasons(service, metadata, b"\xff\xff\xff")

    for kind in ("public", "user"):
        assert of_kind(service, given, kind) == all_the(service, kind, "INVALID_REQUEST")


async def test_no_role_is_too_large(service: Service) -> None:
    """With the least role raised, every method for users refuses those below it."""
    member = bearer(service.mint.token(somebody(role=Role.MEMBER)))
    authorizer = service.app.authorizer
    for rule in rules(service).values():
        if rule.user:
            with pytest.raises(Exception, match="ROLE_MISSING"):
                authorizer.authorize(replace(rule, least_role=Role.ADMIN, in_tenant=True), member)
