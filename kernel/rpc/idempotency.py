"""The idempotency key of a call: the interceptor reads it, the write uses it."""

from google.protobuf.message import Message

from kernel.emails import normalized_email
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Caller
from kernel.rpc.methods import Method
from kernel.seal import Seal

METADATA_KEY = "idempotency-key"


def idempotent_request(
    method: Method, key: str, caller: Caller | None, request: Message, seal: Seal
) -> IdempotentRequest:
    """Identifies a request: tells its retry from a different request with the same key.

    Args:
        method: The called method.
        key: The key, chosen by the caller.
        caller: The user; None in a public method without one.
        request: The request as received. Only a keyed digest of it is stored.
        seal: The keys of the context.

    Raises:
        IdempotencyKeyInvalid: The key is not 1 to 128 printable ASCII characters.
    """
    body = request.SerializeToString(deterministic=True)
    digest, *others = seal.macs("idempotency", method.name.encode() + b"\0" + body)
    # In another tenant the same request means something else.
    scope = str(caller.tenant_id) if caller is not None and method.rule.in_tenant else ""
    return IdempotentRequest(
        _owner(method, caller, request), method.name, key, digest, tuple(others), scope
    )


def _owner(method: Method, caller: Caller | None, request: Message) -> str:
    if method.idempotency_owner_field:  # of a public method, whether or not a user calls it
        return normalized_email(getattr(request, method.idempotency_owner_field))
    assert caller is not None, "a method without an owner field is for users"
    return str(caller.user_id)
