"""Who may call what: every method of every service with every kind of wrong caller.

The cases come from the contract, so a new method is included automatically.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coditect.access.v1 import access_pb2
from kernel.identity import scopes, service_tokens
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
    method_of,
    reason_of,
    rules,
    whole,
)
from tests.support.clock import FixedClock
from tests.support.contract import services_of
from tests.support.service import SERVICE_KEY, Service
from tests.support.tokens import LIFE_SECONDS, somebody

Reasons = dict[str, str]


@pytest.fixture(params=CONTEXTS)
async def service(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Service]:
    """Each service, complete, on its own store."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 28}")
    async with whole(request.param, store, clock) as running:
        yield running
    await store.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock()


async def reasons(service: Service, metadata: Metadata, body: bytes = b"") -> Reasons:
    """The response of each method to that caller: a reason, or `OK`."""
    async with channel_to(service) as channel:
        return {path: await reason_of(channel, path, metadata, body) for path in rules(service)}


def _kind(rule: Rule) -> str:
    if rule.public:
        return "optional" if rule.optional_user else "public"
    if rule.operator:
        return "operator"
    return "user" if rule.user else "service"


def of_kind(service: Service, given: Reasons, kind: str) -> Reasons:
    """The responses of the methods for one kind of caller."""
    return {path: given[path] for path, rule in rules(service).items() if _kind(rule) == kind}


def all_the(service: Service, kind: str, reason: str) -> Reasons:
    """The expectation that every method for one kind of caller returns the same reason."""
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
    """A method for users rejects every call without a valid token, whatever the request.

    One with an optional user rejects a bad token alike, and lets a call without one in.
    """
    user = somebody()
    token = service.mint.token(user)
    metadata = {} if case == "none" else bearer("garbage" if case == "garbage" else token)
    revocations = service.app.authorizer.revocations
    if case == "expired":
        service.advance(seconds=LIFE_SECONDS)
    elif case == "revoked login":
        revocations.add([Revocation(user.user_id, clock.now(), source_id=user.login_id)])
    elif case == "deleted user":
        revocations.add([Revocation(user.user_id, clock.now())])
    elif case == "feed silent":
        clock.advance(seconds=6)

    # A malformed message, which only a caller who is let in learns of.
    answers = await reasons(service, metadata, b"\xff\xff\xff")

    given = of_kind(service, answers, "user")
    assert given == all_the(service, "user", REASONS[case])
    assert given
    reason = "INVALID_REQUEST" if case == "none" else REASONS[case]
    assert of_kind(service, answers, "optional") == all_the(service, "optional", reason)


@pytest.mark.parametrize(
    ("age", "recent"),
    [(0, True), (-5, True), (-6, False), (-86_400, False), (LIFE_SECONDS * 4, False)],
)
async def test_methods_that_need_a_recent_proof(
    service: Service, clock: FixedClock, age: int, recent: bool
) -> None:
    """They reject a proof that is too old, or from the future; others do not care.

    Those with the password in the request verify it themselves: this user has no second factor.
    """
    second = int(clock.now().timestamp()) - age
    metadata = bearer(service.mint.token(somebody(), auth_time=second))

    given = of_kind(service, await reasons(service, metadata, b"\xff\xff\xff"), "user")

    assert given == {
        path: "REAUTHENTICATION_REQUIRED"
        if rule.recent_seconds and not rule.password_field and not recent
        else "INVALID_REQUEST"
        for path, rule in rules(service).items()
        if _kind(rule) == "user"
    }


@pytest.mark.parametrize("scope", sorted(scopes.ALL))
async def test_methods_by_scope(service: Service, scope: str) -> None:
    """A token with one scope reaches the methods that name it, and no other."""
    user = replace(somebody(), scopes=frozenset({scope}))

    answers = await reasons(service, bearer(service.mint.token(user)), b"\xff\xff\xff")

    for kind in ("user", "optional"):
        assert of_kind(service, answers, kind) == {
            path: "INVALID_REQUEST" if scope in rule.scopes else "SCOPE_MISSING"
            for path, rule in rules(service).items()
            if _kind(rule) == kind
        }


async def test_methods_for_operators(service: Service, clock: FixedClock) -> None:
    """A method for operators takes the token of an operator's own login with two factors alone.

    So no program of an operator is let in, and no user of any role.
    """
    now = int(clock.now().timestamp())
    surely = {"operator": True, "acr": "aal2", "second_factor": True, "auth_time": now}
    program = {"scope": scopes.write(scopes.GRANTABLE), "client_id": "coditect-cli"}
    claims: dict[str, dict[str, object]] = {
        "OPERATOR_REQUIRED": surely | {"operator": None},
        "SCOPE_MISSING": surely | program,
        "SECOND_FACTOR_REQUIRED": surely | {"acr": "aal1"},
        "INVALID_REQUEST": surely,
    }
    for reason, given in claims.items():
        metadata = bearer(service.mint.token(somebody(role=Role.OWNER), **given))
        answers = of_kind(service, await reasons(service, metadata, b"\xff\xff\xff"), "operator")
        assert answers == all_the(service, "operator", reason)
    stale = bearer(service.mint.token(somebody(), **(surely | {"auth_time": now - 301})))
    answers = of_kind(service, await reasons(service, stale, b"\xff\xff\xff"), "operator")
    assert answers == {
        path: "REAUTHENTICATION_REQUIRED" if rule.recent_seconds else "INVALID_REQUEST"
        for path, rule in rules(service).items()
        if rule.operator
    }
    answers = of_kind(service, await reasons(service, {}, b"\xff\xff\xff"), "operator")
    assert answers == all_the(service, "operator", "ACCESS_TOKEN_MISSING")


async def test_no_method_is_without_a_scope(service: Service) -> None:
    """Every method that reads a token names scopes, and only those."""
    for path, rule in rules(service).items():
        assert bool(rule.scopes) == rule.takes_token, path
        assert rule.scopes <= scopes.ALL


class Proof(NamedTuple):
    """What the token of a call says of its user's proofs.

    Attributes:
        two_factors: Whether the user has shown two factors in this login.
        fresh: Whether the last proof is recent.
        has_second_factor: Whether the user has set up a second factor.
        tenant_asks: Whether the active tenant asks for a second factor.
    """

    two_factors: bool
    fresh: bool
    has_second_factor: bool
    tenant_asks: bool

    def claims(self, now: int) -> dict[str, object]:
        """The claims of such a token."""
        return {
            "acr": "aal2" if self.two_factors else "aal1",
            "auth_time": now if self.fresh else now - 86_400,
            "second_factor": self.has_second_factor,
            "second_factor_required": self.tenant_asks,
        }


PROOFS = [Proof(*case) for case in product((False, True), repeat=4)]


def option_of(path: str) -> Any:
    """The access option of a method, as the contract has it."""
    extensions: Any = method_of(path).GetOptions().Extensions
    return extensions[access_pb2.rule]


def reason_by_contract(option: Any, proof: Proof) -> str:
    """The answer to a malformed call by an owner, from the words of the contract alone."""
    if option.audience == access_pb2.AUDIENCE_OPERATOR:
        return "OPERATOR_REQUIRED"
    acts_in_active_tenant = option.least_role and not option.tenant_field
    two_factors_asked = (
        (acts_in_active_tenant and proof.tenant_asks)
        or option.assurance == access_pb2.ASSURANCE_AAL2
        or (option.assurance == access_pb2.ASSURANCE_STRONGEST and proof.has_second_factor)
    )
    if two_factors_asked and not proof.two_factors:
        return "SECOND_FACTOR_REQUIRED"
    by_password_in_request = option.password_field and not proof.has_second_factor
    if option.recent and not by_password_in_request and not proof.fresh:
        return "REAUTHENTICATION_REQUIRED"
    return "INVALID_REQUEST"


async def test_methods_that_ask_for_proofs(service: Service, clock: FixedClock) -> None:
    """Every method that takes a token, with every combination of the claims about proofs.

    What a tenant of the request's asks for is not in the token: `authorize` reads it from the store.
    """
    now = int(clock.now().timestamp())
    asked = [path for path, rule in rules(service).items() if rule.takes_token]
    given, wanted = {}, {}
    for proof in PROOFS:
        metadata = bearer(service.mint.token(somebody(role=Role.OWNER), **proof.claims(now)))
        answers = await reasons(service, metadata, b"\xff\xff\xff")
        for path in asked:
            given[path, proof] = answers[path]
            option = option_of(path)
            public = option.audience == access_pb2.AUDIENCE_PUBLIC
            wanted[path, proof] = "INVALID_REQUEST" if public else reason_by_contract(option, proof)

    assert {call: given[call] for call in given if given[call] != wanted[call]} == {}
    assert asked


def test_the_contract_asks_for_proofs() -> None:
    """Each kind of demand is in the contract, so the table above shows something."""
    options = [
        option_of(f"/{each.descriptor.full_name}/{method.name}")
        for context in CONTEXTS
        for each in services_of(f"{context}.v5")
        for method in each.descriptor.methods
    ]
    assert any(one.least_role and not one.tenant_field for one in options)
    assert any(one.assurance == access_pb2.ASSURANCE_STRONGEST for one in options)
    assert any(one.recent and one.password_field for one in options)
    assert any(one.recent and not one.password_field for one in options)


async def test_every_service_of_the_contract_is_served(service: Service) -> None:
    """Every gRPC service that the contract declares for a context has its servicer."""
    packages = [f"{service.name}.v5", f"{service.name}.internal.v1"]
    if service.name == "auth":
        packages.append("identity.v1")  # the revocation feed, which every context reads
    declared = {each.descriptor.full_name for name in packages for each in services_of(name)}
    if service.name == "auth":
        declared.add("envoy.service.auth.v3.Authorization")  # of Envoy, with a rule of ours
    assert {servicer.full_name for servicer in service.app.servicers} == declared


async def test_methods_for_services_refuse_users(service: Service) -> None:
    """A method for services rejects users, including owners, and callers without a token."""
    owner = bearer(service.mint.token(somebody(role=Role.OWNER)))
    for metadata in ({}, owner, owner | {service_tokens.HEADER: "garbage"}):
        given = of_kind(service, await reasons(service, metadata), "service")
        assert given == all_the(service, "service", "SERVICE_TOKEN_INVALID")


async def test_methods_for_services_refuse_other_services(
    service: Service, clock: FixedClock
) -> None:
    """A method rejects services that the contract does not name, and tokens issued for another service."""
    stranger = ServiceTokens("stranger", [SERVICE_KEY], clock)
    named = {service_tokens.HEADER: stranger.issue(service.name)}
    given = of_kind(service, await reasons(service, named), "service")
    assert given == all_the(service, "service", "SERVICE_NOT_ALLOWED")

    elsewhere = {service_tokens.HEADER: ServiceTokens("auth", [SERVICE_KEY], clock).issue("x")}
    given = of_kind(service, await reasons(service, elsewhere), "service")
    assert given == all_the(service, "service", "SERVICE_TOKEN_INVALID")


async def test_service_tokens_open_no_method_for_users(service: Service, clock: FixedClock) -> None:
    """Methods for users reject service tokens."""
    token = ServiceTokens("auth", [SERVICE_KEY], clock).issue(service.name)

    given = of_kind(service, await reasons(service, {service_tokens.HEADER: token}), "user")

    assert given == all_the(service, "user", "ACCESS_TOKEN_MISSING")


async def test_malformed_messages(service: Service) -> None:
    """Every unary method rejects malformed messages of callers that it allows with a clear reason."""
    metadata = bearer(service.mint.token(somebody()))

    given = await reasons(service, metadata, b"\xff\xff\xff")

    for kind in ("public", "optional", "user"):
        assert of_kind(service, given, kind) == all_the(service, kind, "INVALID_REQUEST")


async def test_a_raised_least_role_applies_to_every_method(service: Service) -> None:
    """If the least role is raised, every method for users rejects lower roles."""
    member = bearer(service.mint.token(somebody(role=Role.MEMBER)))
    authorizer = service.app.authorizer
    for rule in rules(service).values():
        if _kind(rule) == "user":
            with pytest.raises(Exception, match="ROLE_MISSING"):
                authorizer.authorize(replace(rule, least_role=Role.ADMIN, in_tenant=True), member)
