"""Reading the descriptor set, and which ones are rejected."""

from pathlib import Path
from typing import Any

import pytest
from google.api import annotations_pb2, httpbody_pb2
from google.protobuf import any_pb2, descriptor_pb2, struct_pb2

from coditect.access.v1 import access_pb2
from coditect.gateway.v1 import gateway_pb2
from coditect.method.v1 import method_pb2
from gateway import contract
from gateway.objects import ObjectField
from tests.gateway.environment import CONTRACT

PUBLIC = access_pb2.Rule(audience=access_pb2.AUDIENCE_PUBLIC)
FILE = ".google.api.HttpBody"
ADMIN = access_pb2.Rule(
    audience=access_pb2.AUDIENCE_USER,
    least_role=access_pb2.ROLE_ADMIN,
    scopes=[access_pb2.SCOPE_LOGIN],
)


def _files(
    package: str,
    *,
    rule: access_pb2.Rule | None = PUBLIC,
    path: str | None = "/x",
    output: str = "",
    bare: bool = False,
    summary: str = "Do it",
    **method: bool,
) -> descriptor_pb2.FileDescriptorSet:
    files = descriptor_pb2.FileDescriptorSet()
    for known in (any_pb2, httpbody_pb2):
        known.DESCRIPTOR.CopyToProto(files.file.add())
    file = files.file.add(package=package, name=f"{package}.proto")
    file.dependency.append(httpbody_pb2.DESCRIPTOR.name)
    empty = file.message_type.add(name="Empty")
    empty.field.add(name="tenant_id", number=1, type=9, label=1)
    made = file.service.add(name="S").method.add(
        name="M",
        input_type=f".{package}.Empty",
        output_type=output or f".{package}.Empty",
        **method,
    )
    made.options.Extensions[gateway_pb2.edge].bare = bare
    made.options.Extensions[method_pb2.method].summary = summary
    if rule:
        made.options.Extensions[access_pb2.rule].CopyFrom(rule)
    if path:
        made.options.Extensions[annotations_pb2.http].get = path
    return files


def test_loads_each_method_with_its_options() -> None:
    """A method carries its route, access rule, edge option and repeatability."""
    loaded = contract.load(CONTRACT)
    routes = {route.method.name: route for route in loaded.routes}
    login, session = routes["Login"], routes["GetSession"]
    assert (login.http.verb, login.http.path) == ("POST", "/api/v5/auth/login")
    assert login.method.edge.credential
    assert login.method.edge.cookies == ("__Host-coditect_device",)
    assert not session.method.edge.cookies
    assert login.method.rule.public
    assert login.body_names == ("email", "password", "tenantId", "deviceToken")
    assert session.http.variables == ("session_id",)
    assert session.response_name == "session"
    assert session.method.repeatable
    assert not routes["CreateSession"].method.repeatable
    assert routes["CreateSession"].method.edge.status == 201
    assert routes["GetJwks"].method.edge.bare
    assert "public keys" in loaded.comments["coditect.auth.v5.KeysService.GetJwks"]


def test_internal_methods_have_no_route() -> None:
    """Methods for services are part of the contract, but have no route."""
    loaded = contract.load(CONTRACT)
    internal = {m.full_name for m in loaded.methods if m.rule.services}
    assert internal
    assert not internal & {route.method.full_name for route in loaded.routes}


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (_files("coditect.auth.v5", rule=None), "has no valid access rule"),
        (_files("coditect.auth.v5", path=None), "is public and has no google.api.http"),
        (_files("coditect.auth.internal.v1"), "is internal and has google.api.http"),
        (_files("coditect.auth.v5", summary=""), "is public and has no summary"),
        (
            _files("coditect.auth.v5", rule=access_pb2.Rule(audience=access_pb2.AUDIENCE_SERVICE)),
            "has no valid access rule",
        ),
        (
            _files("coditect.auth.v5", rule=ADMIN, path="/x/{tenant_id}"),
            "must have its role in the tenant of its path",
        ),
    ],
)
def test_refuses_methods_that_cannot_be_served(
    files: descriptor_pb2.FileDescriptorSet, fault: str
) -> None:
    """A method that cannot be served causes an error that names it."""
    with pytest.raises(contract.ContractError, match=rf"\.S\.M {fault}"):
        contract.parse(files)


@pytest.mark.parametrize("binding", ["a method of its own", "a second path"])
def test_refuses_a_binding_that_the_gateway_has_no_route_for(binding: str) -> None:
    """A method has one path, and one of the methods of HTTP that the gateway routes."""
    files = _files("coditect.auth.v5")
    http = files.file[-1].service[0].method[0].options.Extensions[annotations_pb2.http]
    if binding == "a second path":
        http.additional_bindings.add(get="/y")
    else:
        http.custom.kind, http.custom.path = "LINK", "/x"
    with pytest.raises(contract.ContractError, match="must have exactly one plain HTTP binding"):
        contract.parse(files)


def test_refuses_a_form_beside_a_body() -> None:
    """A form is ignored, so a method with a body of its own takes none."""
    files = _files("coditect.auth.v5")
    options = files.file[-1].service[0].method[0].options
    options.Extensions[gateway_pb2.edge].form = True
    contract.parse(files)
    options.Extensions[annotations_pb2.http].body = "*"
    with pytest.raises(contract.ContractError, match="must not take a body beside a form"):
        contract.parse(files)


@pytest.mark.parametrize(
    "method",
    [
        {"server_streaming": True},
        {"server_streaming": True, "bare": True},
        {"server_streaming": True, "output": FILE},
        {"client_streaming": True},
        {"client_streaming": True, "server_streaming": True, "output": FILE, "bare": True},
        {"client_streaming": True, "output": FILE, "bare": True},
        {"output": FILE, "bare": True},
    ],
)
def test_a_public_stream_is_a_download(method: dict[str, Any]) -> None:
    """Only a download streams, and without an envelope, or the gateway would buffer it."""
    with pytest.raises(contract.ContractError, match=r"\.S\.M must answer with one message, or"):
        contract.parse(_files("coditect.auth.v5", **method))
    (good,) = contract.parse(
        _files("coditect.auth.v5", server_streaming=True, output=FILE, bare=True)
    ).methods
    assert good.download


def test_downloads_are_known() -> None:
    """Exactly the methods that respond with a file are downloads."""
    downloads = {r.method.name for r in contract.load(CONTRACT).routes if r.method.download}
    assert downloads == {"ExportMe", "ExportAudit", "ExportUser"}


def test_comments_are_for_readers() -> None:
    """Directives for the linter are not part of a comment."""
    comment = contract.load(CONTRACT).comments["coditect.auth.v5.AccountsService.ExportMe"]
    assert "all data that the product stores" in comment
    assert "buf:" not in comment


def test_names_every_fault_at_once() -> None:
    """One error names all faults."""
    files = _files("coditect.auth.v5", rule=None)
    files.file.append(_files("coditect.tenants.v5", path=None).file[-1])
    with pytest.raises(contract.ContractError) as caught:
        contract.parse(files)
    assert "coditect.auth.v5.S.M" in str(caught.value)
    assert "coditect.tenants.v5.S.M" in str(caught.value)


def test_refuses_two_methods_at_one_route() -> None:
    """Two methods on the same verb and path are an error."""
    files = _files("coditect.auth.v5", path="/x/{a}")
    files.file.append(_files("coditect.tenants.v5", path="/x/{b}").file[-1])
    with pytest.raises(contract.ContractError, match="same route"):
        contract.parse(files)


def test_knows_the_objects_of_clients() -> None:
    """A body with an object of the client has its limits; no other route has any."""
    objects = {r.method.name: r.object for r in contract.load(CONTRACT).routes if r.object}
    passkeys = {"CreatePasskey", "LoginWithPasskey", "LoginWithSecondFactor", "Reauthenticate"}
    clients = {"CreateClient", "UpdateClient", "RegisterClient"}
    assert set(objects) == {"CreateSession", "UpdateSession", *passkeys, *clients}
    assert objects["CreateSession"] == ObjectField("state", 65_536, 30, 10_000)


def test_refuses_objects_without_limits() -> None:
    """An object of the client must have limits, and must be the only one."""
    files = _files("coditect.auth.v5")
    struct_pb2.DESCRIPTOR.CopyToProto(files.file.add())
    file = next(file for file in files.file if file.package == "coditect.auth.v5")
    file.dependency.append(struct_pb2.DESCRIPTOR.name)
    for number, name in enumerate(("first", "second"), start=2):
        field = file.message_type[0].field.add(name=name, number=number, type=11, label=1)
        field.type_name = ".google.protobuf.Struct"
    files.file.sort(key=lambda one: one.package.startswith("coditect."))
    with pytest.raises(contract.ContractError) as caught:
        contract.parse(files)
    assert "must limit the bytes, levels and values of its object" in str(caught.value)
    assert "must not take more than one object" in str(caught.value)


def test_refuses_a_missing_or_damaged_file(tmp_path: Path) -> None:
    """A missing file, or one that is not a descriptor set, causes a contract error."""
    with pytest.raises(contract.ContractError, match="no descriptor set at"):
        contract.load(tmp_path / "none")
    incomplete = _files("coditect.auth.v5")
    del incomplete.file[1]
    with pytest.raises(contract.ContractError, match="is incomplete"):
        contract.parse(incomplete)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"\xff\xff\xff")
    with pytest.raises(contract.ContractError, match="is no descriptor set"):
        contract.load(damaged)
