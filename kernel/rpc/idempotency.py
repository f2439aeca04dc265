"""The idempotency key of a call, which the servicers hand on to the write."""

from google.protobuf.message import Message

from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.idempotency import Replay

METADATA_KEY = "idempotency-key"


def replay_of(
    context: Context, method: str, caller: str, request: Message, seal: Seal
) -> Replay | None:
    """The write that may come again, or None if the caller sent no key.

    Args:
        context: The call; its metadata has the key.
        method: The full name of the rpc.
        caller: Who sends it; never two callers under one name.
        request: What is asked for. Only a keyed digest of it is kept.
        seal: The keys of the context.

    Raises:
        IdempotencyKeyInvalid: The key is not 1 to 128 printable ASCII characters.
    """
    for name, value in context.invocation_metadata() or ():
        if name == METADATA_KEY:
            body = request.SerializeToString(deterministic=True)
            digest, *others = seal.macs("idempotency", method.encode() + b"\0" + body)
            return Replay(caller, method, str(value), digest, tuple(others))
    return None
