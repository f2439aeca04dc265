"""Which methods cannot be served as endpoints of OAuth, as pages, or from a cache."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto

from coditect.gateway.v1 import gateway_pb2
from gateway import contract
from gateway.contract import ContractError
from tests.gateway.trial.contract import trial_contract

Change = Callable[[FileDescriptorSet, MethodDescriptorProto], None]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    """The trial contract."""
    folder: Path = tmp_path_factory.mktemp("faults")
    return trial_contract(folder).files


def _edge(**options: Any) -> Change:
    def change(_: FileDescriptorSet, method: MethodDescriptorProto) -> None:
        edge: gateway_pb2.Edge = method.options.Extensions[gateway_pb2.edge]
        for name, value in options.items():
            edge.ClearField(name)  # type: ignore[arg-type] # the name of an option
            if isinstance(value, list):
                getattr(edge, name).extend(value)
            elif value:
                setattr(edge, name, value)

    return change


def _without_body(_: FileDescriptorSet, method: MethodDescriptorProto) -> None:
    method.options.Extensions[annotations_pb2.http].body = ""


def _field(**values: Any) -> Change:
    def change(files: FileDescriptorSet, _: MethodDescriptorProto) -> None:
        message = files.file[-1].message_type[0]
        for name, value in values.items():
            setattr(message.field[0], name, value)

    return change


def _streaming(_: FileDescriptorSet, method: MethodDescriptorProto) -> None:
    method.server_streaming = True


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("Form", _field(json_name="grantType"), "must name its parameters in snake case"),
        ("Form", _field(type=8), "must take texts and numbers alone"),
        ("Json", _without_body, "must be an endpoint of OAuth with a body, to take JSON"),
        ("Json", _edge(oauth=False), "must be an endpoint of OAuth with a body, to take JSON"),
        ("Page", _edge(page=False), "must answer with one message, or stream a bare"),
        ("Page", _streaming, "must answer with one message, or stream a bare"),
        ("Form", _edge(page=True), "must answer with one message, or stream a bare"),
        ("Form", _edge(cacheable=True), "must be a GET without an envelope"),
        ("Document", _edge(bare=False), "must be a GET without an envelope"),
        ("Page", _edge(cookies=["session"]), "must take cookies of this host alone"),
        ("Page", _edge(cookies=["__Host-a,b"]), "must take cookies of this host alone"),
    ],
)
def test_faults(files: FileDescriptorSet, name: str, change: Change, fault: str) -> None:
    """An option that does not fit the method is an error that names both."""
    changed = FileDescriptorSet()
    changed.CopyFrom(files)
    assert changed.file[-1].package == "coditect.trial.v5"
    (method,) = (one for one in changed.file[-1].service[0].method if one.name == name)
    change(changed, method)
    with pytest.raises(ContractError, match=rf"\.{name} {fault}"):
        contract.parse(changed)


def test_options_are_read(files: FileDescriptorSet) -> None:
    """What has no envelope is bare; a page is no download."""
    routes = {route.method.name: route for route in contract.parse(files).routes}
    assert all(routes[name].method.edge.bare for name in ("Form", "Json", "Page", "Document"))
    assert not routes["Page"].method.download
    assert routes["Page"].method.edge.cookies == ("__Host-first", "__Host-second")
    assert routes["Form"].repeated_names == ("resource",)
    assert routes["Form"].body_names == ("grant_type", "code", "resource", "max_age")


def test_envoy_s_own_protocol_is_of_auth(files: FileDescriptorSet) -> None:
    """Auth serves it to the gateway alone: it is public, and has no address."""
    (check,) = (m for m in contract.parse(files).methods if m.package == "envoy.service.auth.v3")
    assert (check.context, check.http, check.rule.public) == ("auth", None, True)
    assert check.grpc_path == "/envoy.service.auth.v3.Authorization/Check"
