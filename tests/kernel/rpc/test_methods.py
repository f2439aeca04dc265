"""The options that a server reads of its methods: an invalid one prevents its start."""

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from coditect.access.v1 import access_pb2
from coditect.method.v1 import method_pb2
from kernel.identity.access_rules import RuleMissing
from kernel.rpc.methods import Method, method_of

PUBLIC = access_pb2.Rule(audience=access_pb2.AUDIENCE_PUBLIC)
USER = access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, scopes=[access_pb2.SCOPE_LOGIN])
SERVICE = access_pb2.Rule(audience=access_pb2.AUDIENCE_SERVICE, services=["auth"])


def method(rule: access_pb2.Rule, **option: Any) -> Method:
    """A method with these options, whose request has an `email`."""
    file = FileDescriptorProto(name="test.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="M")
    message.field.add(name="email", number=1, label=1, type=9)
    do = MethodDescriptorProto(name="Do", input_type=".test.M", output_type=".test.M")
    extensions: Any = do.options.Extensions
    extensions[access_pb2.rule].CopyFrom(rule)
    extensions[method_pb2.method].CopyFrom(method_pb2.Method(**option))
    file.service.add(name="S", method=[do])
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return method_of(pool.FindServiceByName("test.S").methods[0])


def test_the_options_are_read() -> None:
    """A server reads path, rule and idempotency."""
    found = method(PUBLIC, idempotent=True, idempotency_owner_field="email")
    assert (found.path, found.name, found.rule.public) == ("/test.S/Do", "Do", True)
    assert (found.idempotent, found.idempotency_owner_field) == (True, "email")
    assert not method(USER).idempotent


@pytest.mark.parametrize(
    ("rule", "option"),
    [
        (PUBLIC, {"idempotent": True}),
        (PUBLIC, {"idempotent": True, "idempotency_owner_field": "name"}),
        (PUBLIC, {"idempotency_owner_field": "email"}),
        (USER, {"idempotent": True, "idempotency_owner_field": "email"}),
        (SERVICE, {"idempotent": True}),
    ],
    ids=["no owner", "no such field", "no key", "two owners", "a service"],
)
def test_a_key_without_an_owner_is_rejected(rule: access_pb2.Rule, option: dict[str, Any]) -> None:
    """A method with idempotency keys must name their owner, and must not be for services."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do"):
        method(rule, **option)
