"""Policies over gRPC."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from google.protobuf import struct_pb2

from coditect.tenants.v5 import policies_pb2
from kernel.identity.callers import Assurance
from tests.services.tenants.calls import active, create_tenant, refusal
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

UNKNOWN_ID = str(UUID(int=7, version=4))


def update(tenant_id: str = UNKNOWN_ID, **values: Any) -> policies_pb2.UpdatePolicyRequest:
    """A request; a list of domains may hold anything that JSON can."""
    request = policies_pb2.UpdatePolicyRequest(
        tenant_id=tenant_id,
        **{name: value for name, value in values.items() if name != "email_domains"},
    )
    if "email_domains" in values:
        listed = struct_pb2.ListValue()
        listed.extend(values["email_domains"])
        request.email_domains.CopyFrom(listed)
    return request


async def test_an_owner_changes_the_policy(service: Service, stub: TenantsStub, user: User) -> None:
    """Only the given fields change; an empty list is one. The others read it with two factors."""
    made = await create_tenant(service, stub, user)
    owner = replace(active(user, made), assurance=Assurance.AAL2)
    wanted = policies_pb2.Policy(programs_allowed=True)
    read = policies_pb2.GetPolicyRequest(tenant_id=made.tenant_id)
    for changes in (
        {"email_domains": ["Example.com"], "login_idle_seconds": 900},
        {"second_factor_required": True, "login_life_seconds": 86_400},
        {},
        {"email_domains": []},
        {"login_idle_seconds": 0, "second_factor_required": False},
        {"programs_allowed": False, "max_token_days": 90},
        {"programs_allowed": True, "max_token_days": 0},
    ):
        for name, value in changes.items():
            if name == "email_domains":
                wanted.email_domains[:] = [text.lower() for text in value]
            else:
                setattr(wanted, name, value)
        changed = await service.call(
            stub.UpdatePolicy, update(made.tenant_id, **changes), user=owner
        )
        assert changed.policy == wanted
        assert (await service.call(stub.GetPolicy, read, user=owner)).policy == wanted


async def test_a_user_who_is_not_a_member_finds_no_policy(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """Whatever their assurance is."""
    made = await create_tenant(service, stub, user)
    stranger = replace(somebody(tenant_id=UUID(made.tenant_id)), assurance=Assurance.AAL2)
    read = policies_pb2.GetPolicyRequest(tenant_id=made.tenant_id)
    assert (await refusal(service, stub.GetPolicy, read, user=stranger)).reason == (
        "TENANT_NOT_FOUND"
    )
    change = update(made.tenant_id, second_factor_required=True)
    assert (await refusal(service, stub.UpdatePolicy, change, user=stranger)).reason == (
        "TENANT_NOT_FOUND"
    )


async def test_the_owner_who_turns_a_second_factor_on_needs_one(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """The refusal says what helps."""
    made = await create_tenant(service, stub, user)
    change = update(made.tenant_id, second_factor_required=True)
    error = await refusal(service, stub.UpdatePolicy, change, user=active(user, made))
    assert (error.reason, error.metadata) == ("SECOND_FACTOR_REQUIRED", {"action": "enroll"})


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (update("x"), [("tenantId", "NOT_A_UUID")]),
        (
            update(login_idle_seconds=-1, login_life_seconds=-1, email_domains=["a b"]),
            [
                ("loginIdleSeconds", "TOO_SMALL"),
                ("loginLifeSeconds", "TOO_SMALL"),
                ("emailDomains", "NOT_A_DOMAIN"),
            ],
        ),
        (update(email_domains=["example.com"] * 101), [("emailDomains", "TOO_MANY")]),
        *(
            (update(email_domains=["example.com", item]), [("emailDomains", "NOT_A_DOMAIN")])
            for item in (None, 7, True, [], {}, ["example.com"])
        ),
        (update(login_life_seconds=299), [("loginLifeSeconds", "OUT_OF_RANGE")]),
    ],
)
async def test_bad_fields_are_named(
    service: Service,
    stub: TenantsStub,
    user: User,
    request_: policies_pb2.UpdatePolicyRequest,
    expected: list[tuple[str, str]],
) -> None:
    """The error names every invalid field with its reason."""
    error = await refusal(service, stub.UpdatePolicy, request_, user=user)
    assert error.reason == "INVALID_REQUEST"
    assert [(bad.field, bad.reason) for bad in error.violations] == expected
