"""What our people try: every route of the contract with what they know of others.

What is sent is written with names in angle brackets, `<their tenant>`, for what is known only once
the system runs; in capitals, `<THEIR TENANT>`, it is sent in capitals. Our people write what is
others' in capitals wherever it is kept: so no answer about ours has it as others spell it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from hypothesis import strategies as st

from gateway.contract import Contract, Route, load
from tests.isolation.ours import NOBODY, PEOPLE
from tests.isolation.theirs import LISTS, REPEATS
from tools.programs import CONTRACT

Values = tuple[Any, ...]

_NAME = re.compile("<([a-z0-9 ]+|[A-Z0-9 ]+)>")
_SIDES = ("before", "after")

IDS: Mapping[str, Values] = {
    "tenant_id": (
        "<their tenant>", "<before our tenant>", "<after our tenant>", "<their owners own tenant>",
        "<our tenant>", "<our tenant>", "<our tenant>", "<our own tenant>",
    ),
    "user_id": (
        *(f"<their {role}>" for role in ("owner", "admin", "member")),
        *(f"<{side} our person {role}>" for side in _SIDES for role in ("owner", "member")),
        *(f"<our person {role}>" for role in ("owner", "admin", "member")),
    ),
    "session_id": (
        *(f"<their {role}s session 0>" for role in ("owner", "admin", "member")),
        *(f"<{side} our session>" for side in _SIDES),
        "<our session>",
    ),
    "login_id": (
        *(f"<their owners login {number}>" for number in range(2)),
        *(f"<{side} our login>" for side in _SIDES),
        "<our login>",
    ),
    "invitation_id": (
        "<their guest>", "<their other guest>",
        *(f"<{side} our invitation>" for side in _SIDES),
        "<our invitation>",
    ),
}  # fmt: skip
"""What can be where an id is asked for. In our own tenant all the rest is asked for as well."""
ANY_ID = tuple(one for ids in IDS.values() for one in ids)
THEIR_IDS = tuple(one for one in ANY_ID if not one.startswith("<our"))

TEXTS = ("<THEIR TENANT>", "<THEIR OWNER>", "<THEIR SLUG>", "/tenants/<THEIR TENANT>/x", "ours")
PASSWORDS = ("<password>", "not the password of anybody")
FIELDS: Mapping[str, Values] = {
    **IDS,
    "page_token": ("",) * len(LISTS) + tuple(f"<{name}>" for name in LISTS),
    "page_size": (0, 1, 2, 1000),
    "scope": ("tenant", "mine"),
    "role": ("member", "admin", "owner"),
    "state": ("active", "suspended"),
    "revision": (1, 2),
    # Always given, see ALWAYS.
    "slug": ("<their slug>", "s<fresh>", "<our tenant>"),
    "email": (
        "<THEIR OWNER EMAIL>", "<THEIR GUEST EMAIL>", "<our email>", "<fresh>@ours.example.com",
    ),
    "password": PASSWORDS,
    "current_password": PASSWORDS,
    "new_password": PASSWORDS,
    "refresh_token": ("<our refresh token>", "<their page of members>", "<their tenant>"),
    "token": ("<their guest>", "<their other guest>", "<their page of invitations>"),
}  # fmt: skip
"""What a field is given, by its name; any other text is one of TEXTS."""
STRUCTS = ({"tenantId": "<THEIR TENANT>", "userId": "<THEIR OWNER>"}, {"a": 1})

ALWAYS = frozenset({"slug"})
"""Never left out: without a slug one is made of the name, in lowercase, as others spell it."""
NEVER: Mapping[tuple[str, str], str] = {
    # These end what all the rest needs; test_the_end_of_ours does them.
    ("DeleteTenant", "tenant_id"): "<our tenant>",
    ("DeleteMe", "password"): "<password>",
    # Nobody would get in any more.
    ("ChangePassword", "current_password"): "<password>",
}
"""What is not tried, by the method and the field."""

STRANGE = (
    "tenantId", "tenant_id", "userId", "user_id", "sessionId", "ownerId", "role", "scope",
    "loginId", "activeTenantId", "session.tenantId", "pageToken",
)  # fmt: skip
"""Fields and parameters that most calls do not have."""
HEADERS = (
    "x-tenant-id", "x-user-id", "x-coditect-tenant-id", "x-coditect-user-id", "x-coditect-caller",
    "x-coditect-service-token", "x-forwarded-user", "x-auth-request-user", "x-jwt-payload",
    "x-request-id", "x-envoy-original-path", "grpc-metadata-tenant-id", "tenant-id",
)  # fmt: skip
"""Headers that somebody might believe."""
GRPC = "gRPC's own path"
"""What calls of methods by their path between services are counted as."""
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@dataclass(frozen=True)
class Operation:
    """One call, before the names in it are filled in."""

    who: str
    kind: str
    verb: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def fill(value: Any, known: Mapping[str, str]) -> Any:
    """The value with what the names in it stand for."""
    if isinstance(value, str):
        return _NAME.sub(lambda name: _spelled(name[1], known), value)
    if isinstance(value, dict):
        return {name: fill(one, known) for name, one in value.items()}
    return value


def _spelled(name: str, known: Mapping[str, str]) -> str:
    return known[name.lower()].upper() if name.isupper() else known[name]


CONTRACT_READ: Contract = load(CONTRACT)
ROUTES = CONTRACT_READ.routes


def kind_of(route: Route, verb: str = "") -> str:
    """What a call of a route is counted as."""
    return f"{verb or route.http.verb} {route.http.path.removeprefix('/api/v5')}"


def operation(number: int) -> Operation:
    """The operation of that number.

    Made by chance from the number, and not by hypothesis' own draws: those come back to what they
    have drawn before, so that of four examples three were the same.
    """
    return _Maker(Random(number)).operation()


OPERATIONS = st.integers(0, 2**63).map(operation)


class _Maker:
    """Makes one operation by chance."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def operation(self) -> Operation:
        who = self._chance.choice((*PEOPLE, *PEOPLE, *PEOPLE, NOBODY))
        if self._seldom(30):
            return self._repeat(who)
        if self._seldom(30):
            return self._between_services(who)
        return self._of_route(who, self._chance.choice(ROUTES))

    def _repeat(self, who: str) -> Operation:
        verb, path, body = self._chance.choice(REPEATS)
        headers = {"idempotency-key": "<their other key>"}
        return Operation(who, f"{verb} {path}", verb, f"/api/v5{path}", {}, headers, body)

    def _between_services(self, who: str) -> Operation:
        method = self._chance.choice(CONTRACT_READ.methods)
        body = {name: self._chance.choice(THEIR_IDS) for name in ("userId", "tenantId")}
        return Operation(who, GRPC, "POST", method.grpc_path, body=body)

    def _of_route(self, who: str, route: Route) -> Operation:
        given, path = self._fields(route), route.http.path
        for name in route.http.variables:
            path = path.replace(f"{{{name}}}", given.pop(_json_name(name)))
        query, body = (given, None) if not route.http.body else ({}, given)
        if body is not None and self._seldom(8):
            body |= self._strange()
        if self._seldom(8):
            query |= self._strange()
        verb = self._chance.choice(VERBS) if self._seldom(30) else route.http.verb
        return Operation(who, kind_of(route, verb), verb, path, query, self._headers(), body)

    def _fields(self, route: Route) -> dict[str, Any]:
        """What is given of what a call has, by its JSON names; its path whole."""
        method = route.method
        found = {}
        for one in CONTRACT_READ.messages[method.input].field:
            needed = one.name in route.http.variables or one.name in ALWAYS
            required = REQUIRED in one.options.Extensions[field_behavior]
            if needed or not self._seldom(20 if required else 3):
                never = NEVER.get((method.name, one.name))
                values = [value for value in _values(one) if value != never]
                found[one.json_name] = self._chance.choice(values)
        return found

    def _strange(self) -> dict[str, Any]:
        return {self._chance.choice(STRANGE): self._chance.choice(THEIR_IDS)}

    def _headers(self) -> dict[str, str]:
        found = {}
        if self._seldom(4):
            found["idempotency-key"] = self._chance.choice(("<their key>", "<THEIR TENANT>"))
        if self._seldom(4):
            found[self._chance.choice(HEADERS)] = self._chance.choice(THEIR_IDS)
        if self._seldom(8):  # these two are kept, and shown in the list of logins and the log
            found[self._chance.choice(("user-agent", "x-forwarded-for"))] = "<THEIR OWNER>"
        return found

    def _seldom(self, of: int) -> bool:
        """Once in so many times."""
        return not self._chance.randrange(of)


def _values(one: FieldDescriptorProto) -> Values:
    """What a field may be given."""
    if one.type == one.TYPE_MESSAGE:
        return STRUCTS
    if one.name in IDS:  # now and then the id of something of another kind
        return IDS[one.name] * 4 + ANY_ID
    return FIELDS.get(one.name, ANY_ID if one.name.endswith("_id") else TEXTS)


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
