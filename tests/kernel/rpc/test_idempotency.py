"""Whose an idempotency key is."""

from uuid import uuid4

from coditect.auth.v5 import accounts_pb2
from kernel.identity.access_rules import Rule
from kernel.identity.callers import Caller, Role
from kernel.rpc.idempotency import idempotent_request
from kernel.rpc.methods import Method
from kernel.seal import Seal
from tests.support.service import SEAL_KEY


def method(rule: Rule, owner_field: str) -> Method:
    """A method that takes keys, with the request of a registration."""
    request = accounts_pb2.RegisterRequest.DESCRIPTOR
    return Method("/test.S/Do", rule, True, owner_field, login_tokens=False, input=request)


def test_a_key_of_a_method_with_an_optional_user_belongs_to_the_address() -> None:
    """The owner is the address that the method names, whether or not a user calls; else the user."""
    request, seal = accounts_pb2.RegisterRequest(email="Ada@Example.com"), Seal([SEAL_KEY])
    caller = Caller(uuid4(), uuid4(), Role.MEMBER, uuid4(), 0, 0)
    public = Rule(True, False, Role.MEMBER, frozenset(), optional_user=True)
    for who in (None, caller):
        identified = idempotent_request(method(public, "email"), "key", who, request, seal)
        assert identified.caller == "ada@example.com"
    for_users = Rule(False, True, Role.MEMBER, frozenset())
    identified = idempotent_request(method(for_users, ""), "key", caller, request, seal)
    assert identified.caller == str(caller.user_id)
