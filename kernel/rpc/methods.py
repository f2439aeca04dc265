"""What the contract says of the methods that a server answers, read once when it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, MethodDescriptor

from coditect.method.v1 import method_pb2
from kernel.identity.access_rules import Rule, RuleMissing, rule_of


@dataclass(frozen=True)
class Method:
    """A method of the contract with its options.

    Attributes:
        path: How gRPC names it, `/package.Service/Method`.
        rule: Who may call it.
        idempotent: Whether it takes an idempotency key.
        idempotency_owner_field: The field with the address that a key belongs to; empty where it
            belongs to the calling user.
        login_tokens: Whether it gives, takes or ends the tokens of a login.
        input: The request message.
    """

    path: str
    rule: Rule
    idempotent: bool
    idempotency_owner_field: str
    login_tokens: bool
    input: Descriptor

    @property
    def name(self) -> str:
        """The name within the service."""
        return self.path.rpartition("/")[2]


def methods_of(services: Sequence[str]) -> Mapping[str, Method]:
    """The methods of protobuf services, by their paths. Raises `RuleMissing` naming all faults."""
    pool = descriptor_pool.Default()
    methods, faults = {}, []
    for service in services:
        for descriptor in pool.FindServiceByName(service).methods:
            try:
                method = method_of(descriptor)
            except RuleMissing as error:
                faults.append(str(error))
            else:
                methods[method.path] = method
    if faults:
        raise RuleMissing("; ".join(faults))
    return methods


def method_of(descriptor: MethodDescriptor) -> Method:
    """Reads the options of a method. Raises `RuleMissing` for one that cannot be served."""
    rule = rule_of(descriptor)
    extensions: Any = descriptor.GetOptions().Extensions
    option = extensions[method_pb2.method]
    owner = option.idempotency_owner_field
    owned = bool(owner) == (option.idempotent and rule.public)
    if not owned or (owner and owner not in descriptor.input_type.fields_by_name):
        raise RuleMissing(f"{descriptor.full_name} has no valid owner of its idempotency keys")
    if option.idempotent and not (rule.public or rule.user):
        raise RuleMissing(f"{descriptor.full_name} takes idempotency keys, and not from users")
    return Method(
        path=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        rule=rule,
        idempotent=option.idempotent,
        idempotency_owner_field=owner,
        login_tokens=option.login_tokens,
        input=descriptor.input_type,
    )
