"""A required field that is empty is refused, in every method of every service.

The cases come from the contract, so a new method or field is included automatically.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from kernel.rpc.errors import RemoteError, from_call
from kernel.storage import open_store
from tests.contract.services import CONTEXTS, bearer, channel_to, method_of, rules, whole
from tests.support.clock import FixedClock
from tests.support.service import Service
from tests.support.tokens import somebody

ID = "00000000-0000-4000-8000-000000000007"


@pytest.fixture(params=CONTEXTS)
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """Each service, complete, on its own store."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 28}")
    async with whole(request.param, store, FixedClock()) as running:
        yield running
    await store.close()


def is_required(field: FieldDescriptor) -> bool:
    """Whether the contract marks a field as required."""
    extensions: Any = field.GetOptions().Extensions
    return field_behavior_pb2.REQUIRED in extensions[field_behavior_pb2.field_behavior]


def required(message: Descriptor) -> set[str]:
    """The JSON names of the required fields of a request."""
    return {field.json_name for field in message.fields if is_required(field)}


async def refused(channel: grpc.aio.Channel, path: str, token: str, body: bytes) -> RemoteError:
    """The error of a call."""
    calls: Any = channel  # its methods take and return bytes, which its type stubs do not know
    more = {"metadata": tuple(bearer(token).items()), "timeout": 5}
    streams = method_of(path).server_streaming
    call = (calls.unary_stream if streams else calls.unary_unary)(path)(body, **more)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await (call.read() if streams else call)
    found = from_call(error.value)
    assert isinstance(found, RemoteError)
    return found


async def test_an_empty_required_field_is_refused(service: Service) -> None:
    """The error is INVALID_REQUEST and names each of them as REQUIRED, secrets and ids included."""
    surely = {"operator": True, "acr": "aal2", "second_factor": True}
    token = service.mint.token(somebody(), **surely)
    methods = {path: rule for path, rule in rules(service).items() if rule.user or rule.public}
    seen = 0
    async with channel_to(service) as channel:
        for path, rule in methods.items():
            message = method_of(path).input_type
            names = required(message)
            if not names:
                continue
            seen += 1
            # The field that names the tenant is checked before the others.
            given = GetMessageClass(message)()
            if rule.tenant_field:
                error = await refused(channel, path, token, b"")
                assert [bad.reason for bad in error.violations] == ["REQUIRED"]
                names.discard(message.fields_by_name[rule.tenant_field].json_name)
                setattr(given, rule.tenant_field, ID)
            if names:
                error = await refused(channel, path, token, given.SerializeToString())
                assert error.reason == "INVALID_REQUEST"
                found = {bad.field: bad.reason for bad in error.violations}
                assert found == dict.fromkeys(names, "REQUIRED"), path
    assert seen >= 3
