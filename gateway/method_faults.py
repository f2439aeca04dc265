"""Why a method cannot be served: what its HTTP rule, its edge option and its access rule must fit."""

import re
from collections.abc import Iterator
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor

from coditect.gateway.v1 import gateway_pb2
from coditect.method.v1 import method_pb2
from kernel.identity.access_rules import RuleMissing
from kernel.rpc.methods import method_of

VARIABLE = re.compile(r"\{([a-z_]+)\}")
"""A variable in the path of a route."""
HTTP_BODY = "google.api.HttpBody"
"""The message of a download and of a page."""
# Packages of this version are the public ones; anything else is never routed from outside.
_PUBLIC = re.compile(r"coditect\.[a-z]+\.v5")
_VERBS = ("get", "put", "post", "delete", "patch")
_COOKIE = re.compile(r"__Host-[A-Za-z0-9_-]+")


def options_of(described: MethodDescriptor | ServiceDescriptor) -> Any:
    """The options of a method or a service."""
    # The generated type stubs do not know the types of our options.
    return described.GetOptions()


def faults_of(method: MethodDescriptor) -> Iterator[str]:
    """What is wrong with the options of a method, in one line each."""
    name, options = method.full_name, options_of(method)
    try:
        rule = method_of(method).rule
    except RuleMissing as missing:
        yield str(missing)
        return
    http, routed = (
        options.Extensions[annotations_pb2.http],
        options.HasExtension(annotations_pb2.http),
    )
    public = _PUBLIC.fullmatch(method.containing_service.file.package) is not None
    if public and not routed:
        yield f"{name} is public and has no google.api.http"
    if routed and not public:
        yield f"{name} is internal and has google.api.http"
    if public and rule.services:
        yield f"{name} is public and for services only"
    if public and not options.Extensions[method_pb2.method].summary:
        yield f"{name} is public and has no summary"
    if routed:
        edge = options.Extensions[gateway_pb2.edge]
        yield from _faults_of_body(name, http.body, edge)
        yield from _faults_of_answer(method, http, edge)
        if edge.oauth:
            yield from _faults_of_oauth(method, edge)
    verb = http.WhichOneof("pattern")
    if routed and (http.additional_bindings or verb not in _VERBS):
        yield f"{name} must have exactly one plain HTTP binding"
    of_tenant = "tenant_id" in VARIABLE.findall(getattr(http, verb) if verb in _VERBS else "")
    in_a_tenant = rule.in_tenant or rule.tenant_field
    if in_a_tenant and rule.tenant_field != ("tenant_id" if of_tenant else ""):
        yield f"{name} must have its role in the tenant of its path, and in no other"


def _faults_of_body(name: str, body: str, edge: gateway_pb2.Edge) -> Iterator[str]:
    if body not in {"", "*"}:
        yield f"{name} must take its whole message as the body, or none"
    if body and edge.form:
        yield f"{name} must not take a body beside a form"
    if edge.json and not (body and edge.oauth):
        yield f"{name} must be an endpoint of OAuth with a body, to take JSON instead of a form"


def _faults_of_answer(method: MethodDescriptor, http: Any, edge: gateway_pb2.Edge) -> Iterator[str]:
    name, bare = method.full_name, edge.bare or edge.oauth or edge.page
    file, stream = method.output_type.full_name == HTTP_BODY, method.server_streaming
    fits = file and not stream if edge.page else stream == file and (edge.bare or not file)
    if method.client_streaming or not fits:
        yield f"{name} must answer with one message, or stream a bare {HTTP_BODY}, or give a page"
    if edge.cacheable and not (http.get and bare):
        yield f"{name} must be a GET without an envelope, because its answer may be cached"
    if not all(map(_COOKIE.fullmatch, edge.cookies)):
        yield f"{name} must take cookies of this host alone, with plain names"


def _faults_of_oauth(method: MethodDescriptor, edge: gateway_pb2.Edge) -> Iterator[str]:
    name, fields = method.full_name, method.input_type.fields
    answered = [] if edge.page else method.output_type.fields
    if any(field.json_name != field.name for field in (*fields, *answered)):
        yield f"{name} must name its parameters in snake case, as the RFCs do (json_name)"
    scalars = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_UINT32)
    if not edge.json and any(field.type not in scalars for field in fields):
        yield f"{name} must take texts and numbers alone, because a form has nothing else"
