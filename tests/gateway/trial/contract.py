"""A contract for tests: the product's own, and a service with all options of the edge."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from grpc_status import rpc_status
from grpc_tools import protoc

from gateway import contract
from gateway.contract import Contract
from tools.gen import ROOT

_PROTOS = Path(__file__).parent / "protos"
_FILE = "coditect/trial/v5/trial.proto"
_SERVICE = "coditect.trial.v5.TrialService"


def trial_contract(folder: Path) -> Contract:
    """Compiles the contract for tests."""
    target = folder / "trial.binpb"
    google = Path(grpc_tools.__file__).parent.parent
    includes = (_PROTOS, ROOT / "protos", Path(grpc_tools.__file__).parent / "_proto", google)
    done = protoc.main(
        [
            "protoc",
            *(f"-I{include}" for include in includes),
            "--include_imports",
            "--include_source_info",
            f"--descriptor_set_out={target}",
            _FILE,
        ]
    )
    assert done == 0, "protoc refused the trial contract"
    files = FileDescriptorSet.FromString((ROOT / "build/contract.binpb").read_bytes())
    known = {file.name for file in files.file}
    added = FileDescriptorSet.FromString(target.read_bytes())
    files.file.extend(file for file in added.file if file.name not in known)
    return contract.parse(files)


class TrialService:
    """The service of the trial contract, whose answers a test sets.

    Attributes:
        answers: The answer of each method by its name: the fields of the message, a status, or a
            function of the request that gives one of both.
        metadata: The initial metadata of each method by its name.
        requests: The last request of each method by its name, as plain values.
        received: The metadata of the last call of each method.
    """

    def __init__(self, served: Contract) -> None:
        self.answers: dict[str, Any] = {}
        self.metadata: dict[str, list[tuple[str, str]]] = {}
        self.requests: dict[str, Any] = {}
        self.received: dict[str, dict[str, str]] = {}
        pool = DescriptorPool()
        for file in served.files.file:
            pool.AddSerializedFile(file.SerializeToString())
        service = pool.FindServiceByName(_SERVICE)
        self.handler = grpc.method_handlers_generic_handler(
            _SERVICE,
            {
                method.name: grpc.unary_unary_rpc_method_handler(
                    self._method(method.name, GetMessageClass(method.output_type)),
                    request_deserializer=GetMessageClass(method.input_type).FromString,
                    response_serializer=lambda message: message.SerializeToString(),
                )
                for method in service.methods
            },
        )

    def _method(self, name: str, output: type[Any]) -> Callable[[Any, Any], Any]:
        async def answer(request: Any, context: Any) -> Any:
            self.requests[name] = {
                field.name: list(value) if field.is_repeated else value
                for field, value in request.ListFields()
            }
            self.received[name] = {key: str(text) for key, text in context.invocation_metadata()}
            given = self.answers.get(name, {})
            if isinstance(given, status_pb2.Status):
                await context.abort_with_status(rpc_status.to_status(given))
            if name in self.metadata:
                await context.send_initial_metadata(self.metadata[name])
            return output(**given)

        return answer
