"""The operations of the attacker: every route of the contract, with ids of the victim.

A value that is known only at run time is written as a name in angle brackets: `<victim tenant>`. A
name in capitals, `<VICTIM TENANT>`, sends the value in capitals. The attacker sends victim values in
capitals wherever they are stored, so that an answer about its own data is not taken for a leak.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from hypothesis import strategies as st

from coditect.field.v1.field_pb2 import rules
from gateway.contract import Contract, Route, load
from tests.isolation.attacker import ANONYMOUS, PEOPLE
from tests.isolation.victim import LISTS, REPEATS
from tools.programs import CONTRACT

Values = tuple[Any, ...]

_NAME = re.compile("<([a-z0-9 ]+|[A-Z0-9 ]+)>")
_SIDES = ("before", "after")

IDS: Mapping[str, Values] = {
    "tenant_id": (
        "<victim tenant>", "<before attacker tenant>", "<after attacker tenant>", "<victim owners self tenant>",
        "<attacker tenant>", "<attacker tenant>", "<attacker tenant>", "<attacker self tenant>",
    ),
    "user_id": (
        *(f"<victim {role}>" for role in ("owner", "admin", "member")),
        *(f"<{side} attacker person {role}>" for side in _SIDES for role in ("owner", "member")),
        *(f"<attacker person {role}>" for role in ("owner", "admin", "member")),
    ),
    "session_id": (
        *(f"<victim {role}s session 0>" for role in ("owner", "admin", "member")),
        *(f"<{side} attacker session>" for side in _SIDES),
        "<attacker session>",
    ),
    "login_id": (
        *(f"<victim owners login {number}>" for number in range(2)),
        *(f"<{side} attacker login>" for side in _SIDES),
        "<attacker login>",
    ),
    "factor_id": (
        "<victim owners factor>", "<victim owners codes>",
        *(f"<{side} attacker login>" for side in _SIDES),
    ),
    "token_id": (
        *(f"<victim owners token {number}>" for number in range(2)),
        *(f"<{side} attacker login>" for side in _SIDES),
    ),
    "account_id": (
        *(f"<victim account {number}>" for number in range(2)),
        *(f"<{side} attacker login>" for side in _SIDES),
    ),
    "webhook_id": (
        *(f"<victim webhook {number}>" for number in range(2)),
        *(f"<{side} attacker login>" for side in _SIDES),
    ),
    "key_id": ("<victim key of account>", *(f"<{side} attacker login>" for side in _SIDES)),
    "invitation_id": (
        "<victim guest>", "<victim other guest>",
        *(f"<{side} attacker invitation>" for side in _SIDES),
        "<attacker invitation>",
    ),
    "client_id": ("<victim client>",),
}  # fmt: skip
"""Candidates for each id field. Attacker ids are among them, so that the other fields are reached."""
ANY_ID = tuple(one for ids in IDS.values() for one in ids)
VICTIM_IDS = tuple(one for one in ANY_ID if not one.startswith("<attacker"))

TEXTS = (
    "<VICTIM TENANT>",
    "<VICTIM OWNER>",
    "<VICTIM SLUG>",
    "/tenants/<VICTIM TENANT>/x",
    "attacker",
)
PASSWORDS = ("<password>", "not a password in use")
FIELDS: Mapping[str, Values] = {
    **IDS,
    "page_token": ("",) * len(LISTS) + tuple(f"<{name}>" for name in LISTS),
    "page_size": (0, 1, 2, 1000),
    "cursor": ("", "<victim cursor>", "<victim page of audit>"),
    "url": ("https://attacker.invalid/<VICTIM TENANT>", "http://127.0.0.1/"),
    "second_factor_required": (True, False),
    "login_idle_seconds": (0, 2_592_000),
    "login_life_seconds": (0, 2_592_000),
    "revision": (1, 2),
    "redirect_uris": ("https://attacker.example.com/<VICTIM TENANT>",),
    "grant_types": ("authorization_code", "refresh_token"),
    "scopes": ("sessions:read", "tenants:read"),
    # Always set, see ALWAYS.
    "slug": ("<victim slug>", "s<fresh>", "<attacker tenant>"),
    "email": (
        "<VICTIM OWNER EMAIL>", "<VICTIM GUEST EMAIL>", "<attacker email>", "<fresh>@attacker.example.com",
    ),
    "password": PASSWORDS,
    "current_password": PASSWORDS,
    "new_password": PASSWORDS,
    "refresh_token": ("<attacker refresh token>", "<victim page of members>", "<victim tenant>"),
    "token": ("<victim guest>", "<victim other guest>", "<victim page of invitations>"),
}  # fmt: skip
"""Candidates by field name. A field with allowed words gets these, any other text one of TEXTS."""
LISTS_OF_TEXTS = ([], ["<VICTIM OWNER EMAIL>"])
"""Domains of addresses: any, and what is none. Others would keep the attacker's own people out."""
STRUCTS = ({"tenantId": "<VICTIM TENANT>", "userId": "<VICTIM OWNER>"}, {"a": 1})

ALWAYS = frozenset({"slug"})
"""Fields never left out: a generated slug would be the name in lowercase, as the victim spells it."""
NEVER: Mapping[tuple[str, str], str] = {
    # These remove what other operations need; test_deletion_of_the_attacker does them.
    ("DeleteTenant", "tenant_id"): "<attacker tenant>",
    ("DeleteMe", "password"): "<password>",
    # Afterwards no attacker could log in.
    ("ChangePassword", "current_password"): "<password>",
}
"""Values that are not tried, by method and field."""

UNDEFINED = (
    "tenantId", "tenant_id", "userId", "user_id", "sessionId", "ownerId", "role", "scope",
    "loginId", "activeTenantId", "session.tenantId", "pageToken",
)  # fmt: skip
"""Fields and parameters that most calls do not define."""
HEADERS = (
    "x-tenant-id", "x-user-id", "x-coditect-tenant-id", "x-coditect-user-id", "x-coditect-caller",
    "x-coditect-service-token", "x-forwarded-user", "x-auth-request-user", "x-jwt-payload",
    "x-request-id", "x-envoy-original-path", "grpc-metadata-tenant-id", "tenant-id",
)  # fmt: skip
"""Headers that a careless service might trust."""
GRPC = "gRPC's own path"
"""The kind under which calls of a method's gRPC path are counted."""
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@dataclass(frozen=True)
class Operation:
    """One call, with names still in place of run-time values."""

    who: str
    kind: str
    verb: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def fill(value: Any, known: Mapping[str, str]) -> Any:
    """The value with its names replaced."""
    if isinstance(value, str):
        return _NAME.sub(lambda name: _spelled(name[1], known), value)
    if isinstance(value, dict):
        return {name: fill(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [fill(one, known) for one in value]
    return value


def _spelled(name: str, known: Mapping[str, str]) -> str:
    return known[name.lower()].upper() if name.isupper() else known[name]


CONTRACT_READ: Contract = load(CONTRACT)
ROUTES = CONTRACT_READ.routes


def kind_of(route: Route, verb: str = "") -> str:
    """The kind under which a call of a route is counted."""
    return f"{verb or route.http.verb} {route.http.path.removeprefix('/api/v5')}"


def operation(number: int) -> Operation:
    """The operation for a seed.

    It is generated from the seed instead of by Hypothesis' own draws: those repeat earlier draws so
    often that three of four examples were the same.
    """
    return _Maker(Random(number)).operation()


OPERATIONS = st.integers(0, 2**63).map(operation)


class _Maker:
    """Makes one random operation."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def operation(self) -> Operation:
        who = self._random.choice((*PEOPLE, *PEOPLE, *PEOPLE, ANONYMOUS))
        if self._seldom(30):
            return self._repeat(who)
        if self._seldom(30):
            return self._between_services(who)
        return self._of_route(who, self._random.choice(ROUTES))

    def _repeat(self, who: str) -> Operation:
        verb, path, body = self._random.choice(REPEATS)
        headers = {"idempotency-key": "<victim other key>"}
        return Operation(who, f"{verb} {path}", verb, f"/api/v5{path}", {}, headers, body)

    def _between_services(self, who: str) -> Operation:
        method = self._random.choice(CONTRACT_READ.methods)
        body = {name: self._random.choice(VICTIM_IDS) for name in ("userId", "tenantId")}
        return Operation(who, GRPC, "POST", method.grpc_path, body=body)

    def _of_route(self, who: str, route: Route) -> Operation:
        given, path = self._fields(route), route.http.path
        for name in route.http.variables:
            path = path.replace(f"{{{name}}}", given.pop(_json_name(name)))
        query, body = (given, None) if not route.http.body else ({}, given)
        if body is not None and self._seldom(8):
            body |= self._undefined()
        if self._seldom(8):
            query |= self._undefined()
        verb = self._random.choice(VERBS) if self._seldom(30) else route.http.verb
        return Operation(who, kind_of(route, verb), verb, path, query, self._headers(), body)

    def _fields(self, route: Route) -> dict[str, Any]:
        """Random values for a route's fields by JSON name; always for those in the path."""
        method = route.method
        found = {}
        for one in CONTRACT_READ.messages[method.input].field:
            needed = one.name in route.http.variables or one.name in ALWAYS
            required = REQUIRED in one.options.Extensions[field_behavior]
            if needed or not self._seldom(20 if required else 3):
                never = NEVER.get((method.name, one.name))
                values = [value for value in _values(one) if value != never]
                found[one.json_name] = self._random.choice(values)
        return found

    def _undefined(self) -> dict[str, Any]:
        return {self._random.choice(UNDEFINED): self._random.choice(VICTIM_IDS)}

    def _headers(self) -> dict[str, str]:
        found = {}
        if self._seldom(4):
            found["idempotency-key"] = self._random.choice(("<victim key>", "<VICTIM TENANT>"))
        if self._seldom(4):
            found[self._random.choice(HEADERS)] = self._random.choice(VICTIM_IDS)
        if self._seldom(8):  # stored, and shown in the list of logins and the audit log
            found[self._random.choice(("user-agent", "x-forwarded-for"))] = "<VICTIM OWNER>"
        return found

    def _seldom(self, of: int) -> bool:
        """True once in `of` times."""
        return not self._random.randrange(of)


def _values(one: FieldDescriptorProto) -> Values:
    """The candidates for a field; for a list, lists of one."""
    values = _single_values(one)
    return tuple([value] for value in values) if one.label == one.LABEL_REPEATED else values


def _single_values(one: FieldDescriptorProto) -> Values:
    if one.type == one.TYPE_MESSAGE:
        return LISTS_OF_TEXTS if one.type_name == ".google.protobuf.ListValue" else STRUCTS
    allowed = tuple(getattr(one.options.Extensions[rules], "in"))
    if allowed:
        return allowed
    if one.name in IDS:  # sometimes an id of another kind
        return IDS[one.name] * 4 + ANY_ID
    return FIELDS.get(one.name, ANY_ID if one.name.endswith("_id") else TEXTS)


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
