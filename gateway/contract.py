"""Reads the contract's descriptor set into plain values.

The HTTP rule and the edge option are options of each method in `protos/`; only this module and
`method_faults` know their encoding. It reads access rules with the same code as the services.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from coditect.access.v1 import access_pb2
from coditect.gateway.v1 import gateway_pb2
from coditect.method.v1 import method_pb2
from gateway.comments import comments_of
from gateway.method_faults import HTTP_BODY, VARIABLE, faults_of, options_of
from gateway.objects import ObjectField, objects_of
from kernel.identity.access_rules import Rule
from kernel.rpc.methods import method_of

_LEVELS = descriptor_pb2.MethodOptions
_FIELDS = descriptor_pb2.FieldDescriptorProto


class ContractError(Exception):
    """The contract cannot be served; the message names every fault."""


@dataclass(frozen=True)
class Http:
    """The HTTP route of a method (google.api.http).

    Attributes:
        verb: `GET`, `POST` and so on.
        path: The template, with its variables in proto spelling: `/api/v5/tenants/{tenant_id}`.
        body: `*`, the name of a field, or empty for no body.
        response_body: The name of the field that is the response body; empty for the whole message.
    """

    verb: str
    path: str
    body: str
    response_body: str

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the path's variables, in proto spelling and path order."""
        return tuple(VARIABLE.findall(self.path))


@dataclass(frozen=True)
class Edge:
    """How the gateway treats a public method in addition to its HTTP rule."""

    status: int
    """The HTTP status of a success."""
    empty_status: int
    """The HTTP status of a success whose response is an empty message; nearly always the same."""
    bare: bool
    """Whether the answer has no envelope."""
    credential: bool
    cookies: tuple[str, ...]
    """The names of the cookies that are passed on."""
    form: bool
    oauth: bool
    """Whether it is an endpoint of OAuth: a form, and the errors of its RFCs."""
    json: bool
    """Whether an endpoint of OAuth takes JSON instead of a form."""
    page: bool
    """Whether the answer is a page."""
    cacheable: bool


@dataclass(frozen=True)
class Method:
    """One method of the contract with its options.

    Attributes:
        package: The proto package, `coditect.auth.v5`.
        service: The full name of its service.
        name: The name within the service.
        context: The context that serves it; also the name of its cluster.
        http: The HTTP rule; None for an internal method.
        rule: Who may call it.
        edge: The gateway's treatment.
        summary: What it does, as a short imperative; empty for an internal method.
        example: An example of a download; else empty.
        reasons: The reasons of the errors that are specific to it.
        idempotent: Whether it takes an idempotency key.
        login_tokens: Whether it gives, takes or ends the tokens of a login.
        repeatable: Whether repeating a call is safe (idempotency_level).
        streaming: Whether either side is a stream.
        writes: Whether it can change anything (idempotency_level).
        fields: The names of the fields of its request, in proto spelling.
        input: The full name of the request message.
        output: The full name of the response message.
    """

    package: str
    service: str
    name: str
    context: str
    http: Http | None
    rule: Rule
    edge: Edge
    summary: str
    example: str
    reasons: tuple[str, ...]
    idempotent: bool
    login_tokens: bool
    repeatable: bool
    streaming: bool
    writes: bool
    fields: tuple[str, ...]
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
        """Whether a public method responds with a file, as a stream of pieces."""
        return self.output == HTTP_BODY and self.streaming


@dataclass(frozen=True)
class Route:
    """A public method together with its HTTP rule.

    Attributes:
        method: The method.
        http: Its HTTP rule.
        response_name: The JSON name of the field that `response_body` names; empty without one.
        body_names: The JSON names of the allowed members of the body.
        query_names: The names of the allowed query parameters.
        repeated_names: Those of both that may come more than once in a form or a query.
        object: The member of the body that holds an object of the client; None without one.
    """

    method: Method
    http: Http
    response_name: str
    body_names: tuple[str, ...]
    query_names: tuple[str, ...]
    repeated_names: tuple[str, ...]
    object: ObjectField | None


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
        called = {method.context for method in self.methods if context in method.rule.services}
        return tuple(sorted(called - {context}))

    def _route(self, method: Method, http: Http) -> Route:
        # A `response_body` is the only field of its message (see _response_bodies).
        answer = self.messages[method.output].field[0].json_name if http.response_body else ""
        fields = self.messages[method.input].field
        rest = [field for field in fields if field.name not in http.variables]
        body = tuple(field.json_name for field in rest) if http.body else ()
        spellings = {name: None for field in rest for name in (field.json_name, field.name)}
        several = tuple(field.json_name for field in rest if field.label == _FIELDS.LABEL_REPEATED)
        # A message has one at most (see _objects).
        found = next(iter(objects_of(rest if http.body else ())), None)
        query = () if http.body else tuple(spellings)
        return Route(method, http, answer, body, query, several, found)


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
        ContractError: One or more methods cannot be served; the message names each.
    """
    faults: list[str] = []
    methods: list[Method] = []
    for descriptor in _methods(files):
        found = list(faults_of(descriptor))
        faults += found
        if not found:
            methods.append(_method(descriptor))
    messages = dict(_messages(files))
    faults += _collisions(methods)
    faults += _response_bodies(methods, messages)
    faults += _objects(methods, messages)
    if faults:
        raise ContractError("the contract cannot be served:\n  " + "\n  ".join(faults))
    return Contract(
        files=files,
        methods=tuple(methods),
        messages=messages,
        comments={name: text for file in files.file for name, text in comments_of(file)},
    )


def _methods(files: descriptor_pb2.FileDescriptorSet) -> list[MethodDescriptor]:
    """The methods of our own packages. Raises `ContractError`."""
    pool = DescriptorPool()
    try:
        for file in files.file:
            pool.AddSerializedFile(file.SerializeToString())
    except TypeError as error:
        raise ContractError(f"the descriptor set is incomplete: {error}") from error
    found: list[FileDescriptor] = [
        pool.FindFileByName(file.name)
        for file in files.file
        # A protocol of Envoy keeps the package of Envoy.
        if file.package.startswith("coditect.") or file.name.startswith("coditect/")
    ]
    services: list[ServiceDescriptor] = [
        service for file in found for service in file.services_by_name.values()
    ]
    return [method for service in services for method in service.methods]


def _collisions(methods: Iterable[Method]) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for method in methods:
        if method.http:
            # Paths that differ only in variable names are the same.
            key = (method.http.verb, VARIABLE.sub("{}", method.http.path))
            if key in seen:
                yield f"{method.full_name} has the same route as {seen[key]}"
            seen[key] = method.full_name


def _response_bodies(
    methods: Iterable[Method], messages: Mapping[str, descriptor_pb2.DescriptorProto]
) -> Iterator[str]:
    for method in methods:
        if method.http and method.http.response_body:
            # The gateway cuts the field out of the JSON text, which is safe only for a single field.
            fields = [field.name for field in messages[method.output].field]
            if fields != [method.http.response_body]:
                yield f"{method.full_name} must answer with its response_body and nothing else"


def _objects(
    methods: Iterable[Method], messages: Mapping[str, descriptor_pb2.DescriptorProto]
) -> Iterator[str]:
    for method in methods:
        objects = objects_of(messages[method.input].field if method.http else ())
        if not all(one.limited for one in objects):
            yield f"{method.full_name} must limit the bytes, levels and values of its object"
        if len(objects) > 1:
            yield f"{method.full_name} must not take more than one object"


def _edge(option: gateway_pb2.Edge) -> Edge:
    status = 201 if option.created else 202 if option.accepted else 200
    return Edge(
        status=status,
        empty_status=202 if option.accepted else status,
        bare=option.bare or option.oauth or option.page,
        credential=option.credential,
        cookies=tuple(option.cookies),
        form=option.form,
        oauth=option.oauth,
        json=option.json,
        page=option.page,
        cacheable=option.cacheable,
    )


def _method(method: MethodDescriptor) -> Method:
    service, options = method.containing_service, options_of(method)
    read, option = method_of(method), options.Extensions[method_pb2.method]
    edge = options.Extensions[gateway_pb2.edge]
    served_by = options_of(service).Extensions[access_pb2.served_by]
    package = service.file.package
    return Method(
        package=package,
        service=service.full_name,
        name=method.name,
        context=served_by or package.split(".")[1],
        http=_http(options),
        rule=read.rule,
        edge=_edge(edge),
        summary=option.summary,
        example=option.example,
        reasons=tuple(option.reasons),
        idempotent=read.idempotent,
        login_tokens=read.login_tokens,
        repeatable=options.idempotency_level != _LEVELS.IDEMPOTENCY_UNKNOWN,
        streaming=method.client_streaming or method.server_streaming,
        writes=options.idempotency_level != _LEVELS.NO_SIDE_EFFECTS,
        fields=tuple(field.name for field in method.input_type.fields),
        input=method.input_type.full_name,
        output=method.output_type.full_name,
    )


def _http(options: Any) -> Http | None:
    if not options.HasExtension(annotations_pb2.http):
        return None
    rule = options.Extensions[annotations_pb2.http]
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
