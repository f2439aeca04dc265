"""Reads the contract's descriptor set into plain values.

The access rule, the HTTP rule and the edge option stand beside each method in `protos/`; this is
the only module that knows how they are spelled there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

from coditect.access.v1 import access_pb2
from coditect.gateway.v1 import gateway_pb2
from gateway.comments import comments_of

# Packages of this version are the public ones; anything else is never routed from outside.
_PUBLIC = re.compile(r"coditect\.[a-z]+\.v5")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_VERBS = ("get", "put", "post", "delete", "patch")
_HTTP_BODY = "google.api.HttpBody"
_STRUCT = ".google.protobuf.Struct"


class ContractError(Exception):
    """The contract cannot be served; the text names every fault."""


class Audience(Enum):
    """The kind of caller that a method is for."""

    PUBLIC = access_pb2.AUDIENCE_PUBLIC
    USER = access_pb2.AUDIENCE_USER
    SERVICE = access_pb2.AUDIENCE_SERVICE


@dataclass(frozen=True)
class Access:
    """Who may call a method.

    Attributes:
        audience: The kind of caller.
        least_role: `member`, `admin` or `owner`; empty when any role will do.
        services: The names of the services let in, for `Audience.SERVICE`.
    """

    audience: Audience
    least_role: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class Http:
    """Where a method is found from outside (google.api.http).

    Attributes:
        verb: `GET`, `POST` and so on.
        path: The template, with its variables in proto spelling: `/api/v5/tenants/{tenant_id}`.
        body: `*`, the name of a field, or empty for no body.
        response_body: The name of the field that is the answer; empty for the whole message.
    """

    verb: str
    path: str
    body: str
    response_body: str

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the path's variables, in proto spelling and path order."""
        return tuple(_VARIABLE.findall(self.path))


@dataclass(frozen=True)
class Edge:
    """How the gateway treats a public method beyond its HTTP rule."""

    created: bool
    bare: bool
    credential: bool


@dataclass(frozen=True)
class Method:
    """One method of the contract, with everything that its options say.

    Attributes:
        package: The proto package, `coditect.auth.v5`.
        service: The full name of its service.
        name: The name within the service.
        context: The context that serves it, which is also the name of its cluster.
        http: The HTTP rule; None for an internal method.
        access: The access rule.
        edge: The gateway's treatment.
        repeatable: Whether a repeat is harmless (idempotency_level).
        streaming: Whether either side is a stream.
        input: The full name of the request message.
        output: The full name of the response message.
    """

    package: str
    service: str
    name: str
    context: str
    http: Http | None
    access: Access
    edge: Edge
    repeatable: bool
    streaming: bool
    input: str
    output: str

    @property
    def full_name(self) -> str:
        """The full name, `coditect.auth.v5.LoginsService.Login`."""
        return f"{self.service}.{self.name}"

    @property
    def grpc_path(self) -> str:
        """The path on the wire, `/coditect.auth.v5.LoginsService.Login`."""
        return f"/{self.service}/{self.name}"

    @property
    def download(self) -> bool:
        """Whether a public method answers with a file, piece by piece."""
        return self.output == _HTTP_BODY


@dataclass(frozen=True)
class Route:
    """A public method together with its HTTP rule.

    Attributes:
        method: The method.
        http: Its HTTP rule.
        response_name: The JSON name of the field that `response_body` names; empty without one.
        body_names: The JSON names of the members that a body may have.
        query_names: The names of the parameters that a query may have.
        free_form: Whether the body holds JSON of the client's own making.
    """

    method: Method
    http: Http
    response_name: str
    body_names: tuple[str, ...]
    query_names: tuple[str, ...]
    free_form: bool


@dataclass(frozen=True)
class Contract:
    """The whole contract.

    Attributes:
        files: The descriptor set it was read from.
        methods: Every method of the product's own packages, in file order.
        messages: The message descriptors by full name, imports included.
        comments: The leading comments by full name of message, field, service or method.
    """

    files: descriptor_pb2.FileDescriptorSet
    methods: tuple[Method, ...]
    messages: Mapping[str, descriptor_pb2.DescriptorProto]
    comments: Mapping[str, str]

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The public methods, in file order."""
        return tuple(self._route(method, method.http) for method in self.methods if method.http)

    @cached_property
    def contexts(self) -> tuple[str, ...]:
        """The names of the contexts that serve public methods, sorted."""
        return tuple(sorted({route.method.context for route in self.routes}))

    def peers_of(self, context: str) -> tuple[str, ...]:
        """The names of the contexts that a context may call, sorted."""
        called = {method.context for method in self.methods if context in method.access.services}
        return tuple(sorted(called - {context}))

    def _route(self, method: Method, http: Http) -> Route:
        # A `response_body` is the only field of its message (see _response_bodies).
        answer = self.messages[method.output].field[0].json_name if http.response_body else ""
        fields = self.messages[method.input].field
        rest = [field for field in fields if field.name not in http.variables]
        body = tuple(field.json_name for field in rest) if http.body else ()
        spellings = {name: None for field in rest for name in (field.json_name, field.name)}
        free_form = any(field.type_name == _STRUCT for field in rest) if http.body else False
        return Route(method, http, answer, body, () if http.body else tuple(spellings), free_form)


def load(path: Path) -> Contract:
    """Reads a descriptor set made with `--include_imports --include_source_info`.

    Raises:
        ContractError: The file is missing or damaged, or methods in it cannot be served.
    """
    try:
        files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    except OSError as error:
        raise ContractError(f"no descriptor set at {path}: {error.strerror}") from error
    except Exception as error:  # protobuf's DecodeError differs between its backends
        raise ContractError(f"{path} is no descriptor set") from error
    return parse(files)


def parse(files: descriptor_pb2.FileDescriptorSet) -> Contract:
    """Reads a descriptor set.

    Raises:
        ContractError: One or more methods cannot be served; the text names each.
    """
    faults: list[str] = []
    methods: list[Method] = []
    for file, service, method in _methods(files):
        found = list(_faults(file, service, method))
        faults += found
        if not found:
            methods.append(_method(file, service, method))
    messages = dict(_messages(files))
    faults += _collisions(methods)
    faults += _response_bodies(methods, messages)
    if faults:
        raise ContractError("the contract cannot be served:\n  " + "\n  ".join(faults))
    return Contract(
        files=files,
        methods=tuple(methods),
        messages=messages,
        comments={name: text for file in files.file for name, text in comments_of(file)},
    )


_Found = tuple[
    descriptor_pb2.FileDescriptorProto,
    descriptor_pb2.ServiceDescriptorProto,
    descriptor_pb2.MethodDescriptorProto,
]


def _methods(files: descriptor_pb2.FileDescriptorSet) -> Iterator[_Found]:
    for file in files.file:
        if file.package.startswith("coditect."):
            for service in file.service:
                for method in service.method:
                    yield file, service, method


def _faults(
    file: descriptor_pb2.FileDescriptorProto,
    service: descriptor_pb2.ServiceDescriptorProto,
    method: descriptor_pb2.MethodDescriptorProto,
) -> Iterator[str]:
    name = f"{file.package}.{service.name}.{method.name}"
    rule = _extensions(method)[access_pb2.rule]
    http = method.options.Extensions[annotations_pb2.http]
    routed = method.options.HasExtension(annotations_pb2.http)
    public = _PUBLIC.fullmatch(file.package) is not None
    if rule.audience == access_pb2.AUDIENCE_UNSPECIFIED:
        yield f"{name} has no access rule"
    if rule.audience == access_pb2.AUDIENCE_SERVICE and not rule.services:
        yield f"{name} is for services and names none"
    if public and not routed:
        yield f"{name} is public and has no google.api.http"
    if routed and not public:
        yield f"{name} is internal and has google.api.http"
    if public and rule.audience == access_pb2.AUDIENCE_SERVICE:
        yield f"{name} is public and for services only"
    if routed and http.body not in {"", "*"}:
        yield f"{name} must take its whole message as the body, or none"
    if routed and (http.additional_bindings or http.WhichOneof("pattern") not in _VERBS):
        yield f"{name} must have exactly one plain HTTP binding"
    of_tenant = "tenant_id" in _VARIABLE.findall(getattr(http, http.WhichOneof("pattern") or "get"))
    if rule.least_role and rule.tenant_field != ("tenant_id" if of_tenant else ""):
        yield f"{name} must have its role in the tenant of its path, and in no other"
    if routed and not _can_pass(method):
        yield f"{name} must answer with one message, or stream a bare {_HTTP_BODY}"


def _can_pass(method: descriptor_pb2.MethodDescriptorProto) -> bool:
    """Says whether the answer fits into the envelope, one JSON value, or is a file without it."""
    file = method.output_type == f".{_HTTP_BODY}"
    bare = _extensions(method)[gateway_pb2.edge].bare
    return not method.client_streaming and method.server_streaming == file and (bare or not file)


def _collisions(methods: Iterable[Method]) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for method in methods:
        if method.http:
            # Names of variables do not tell two paths apart.
            key = (method.http.verb, _VARIABLE.sub("{}", method.http.path))
            if key in seen:
                yield f"{method.full_name} has the same route as {seen[key]}"
            seen[key] = method.full_name


def _response_bodies(
    methods: Iterable[Method], messages: Mapping[str, descriptor_pb2.DescriptorProto]
) -> Iterator[str]:
    for method in methods:
        if method.http and method.http.response_body:
            # The gateway takes the field out of the JSON text, which is safe only if it is alone.
            fields = [field.name for field in messages[method.output].field]
            if fields != [method.http.response_body]:
                yield f"{method.full_name} must answer with its response_body and nothing else"


def _method(
    file: descriptor_pb2.FileDescriptorProto,
    service: descriptor_pb2.ServiceDescriptorProto,
    method: descriptor_pb2.MethodDescriptorProto,
) -> Method:
    options = method.options
    rule = _extensions(method)[access_pb2.rule]
    edge = _extensions(method)[gateway_pb2.edge]
    role = access_pb2.Role.Name(rule.least_role).removeprefix("ROLE_").lower()
    return Method(
        package=file.package,
        service=f"{file.package}.{service.name}",
        name=method.name,
        context=_served_by(service) or file.package.split(".")[1],
        http=_http(method),
        access=Access(
            audience=Audience(rule.audience),
            least_role="" if role == "unspecified" else role,
            services=tuple(rule.services),
        ),
        edge=Edge(created=edge.created, bare=edge.bare, credential=edge.credential),
        repeatable=options.idempotency_level != descriptor_pb2.MethodOptions.IDEMPOTENCY_UNKNOWN,
        streaming=method.client_streaming or method.server_streaming,
        input=method.input_type.removeprefix("."),
        output=method.output_type.removeprefix("."),
    )


def _served_by(service: descriptor_pb2.ServiceDescriptorProto) -> str:
    options: Any = service.options  # as for methods, below
    return str(options.Extensions[access_pb2.served_by])


def _extensions(method: descriptor_pb2.MethodDescriptorProto) -> Any:
    # The generated stubs do not say what an option of ours holds.
    return method.options.Extensions


def _http(method: descriptor_pb2.MethodDescriptorProto) -> Http | None:
    if not method.options.HasExtension(annotations_pb2.http):
        return None
    rule = method.options.Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    return Http(
        verb=verb.upper(),
        path=getattr(rule, verb),
        body=rule.body,
        response_body=rule.response_body,
    )


def _messages(
    files: descriptor_pb2.FileDescriptorSet,
) -> Iterator[tuple[str, descriptor_pb2.DescriptorProto]]:
    def walk(
        prefix: str, messages: Iterable[descriptor_pb2.DescriptorProto]
    ) -> Iterator[tuple[str, descriptor_pb2.DescriptorProto]]:
        for message in messages:
            name = f"{prefix}.{message.name}"
            yield name, message
            yield from walk(name, message.nested_type)

    for file in files.file:
        yield from walk(file.package, file.message_type)
