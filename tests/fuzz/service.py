"""A context in this process, called by scripts: the real app and handlers, without sockets between.

A script is one call, in lines that a person can read and a fuzzer can change anywhere:

    LoginsService/Login
    > x-forwarded-for: 192.0.2.7
    email: ada@example.com
    password: correct horse battery staple

A line with `>` is a header, any other one a field of the request. What is no field, or no value of
its type, is left out, so nearly every change of a script still makes a call. `{name}` stands for a
secret of the context, such as an access token.
"""

import asyncio
import json
import re
import socket
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from unittest import mock

from google.api import httpbody_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from gateway.contract import Method, load
from gateway.openapi.errors import reasons_of
from kernel.rpc.server import App, Server
from kernel.settings import ServiceSettings
from kernel.storage import Store, Write, open_store
from tests.support.store import WatchedStore, rows_between

CONTRACT = Path(__file__).parents[2] / "build/contract.binpb"
_UNAVAILABLE = {"TENANTS_UNAVAILABLE", "STORAGE_UNAVAILABLE", "STORAGE_CONFLICT"}
_OF_ENVOY = "envoy.service.auth.v3.Authorization"
"""Envoy asks by this service about the bearer token of a call."""
_HEADER = re.compile(r"[a-z0-9._-]+")
_HEADER_VALUE = re.compile(r"[ -~]*")  # RFC 9110, section 5.5, without obsolete text
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NUMBERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}


class Refused(Exception):
    """The context refused a call.

    Attributes:
        status: Its status.
        reason: The reason in it.
    """

    def __init__(self, status: status_pb2.Status) -> None:
        info = error_details_pb2.ErrorInfo()
        for detail in status.details:
            detail.Unpack(info)
        super().__init__(info.reason)
        self.status = status
        self.reason = info.reason


@dataclass
class Answer:
    """What a call was answered with: the messages, and the headers that were set."""

    messages: list[Message]
    headers: list[tuple[str, str]]


class _Context:
    """What a handler sees of gRPC."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = tuple(headers.items())
        self.sent: list[tuple[str, str]] = []

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._headers

    def time_remaining(self) -> None:
        return None

    async def send_initial_metadata(self, metadata: Any) -> None:
        self.sent += metadata

    async def abort_with_status(self, status: Any) -> NoReturn:
        (packed,) = (value for name, value in status.trailing_metadata if name.endswith("-bin"))
        raise Refused(status_pb2.Status.FromString(packed))


class FuzzedService:
    """A context that a fuzzer calls. After each call its store is as it was before.

    Args:
        build: Makes the app on a store, and the settings that it runs by.
        secrets: Sets the context up, and returns what stands for `{name}` in scripts.
    """

    def __init__(
        self,
        build: Callable[[Store], Coroutine[Any, Any, tuple[App, ServiceSettings]]],
        secrets: Callable[["FuzzedService"], Coroutine[Any, Any, dict[str, str]]],
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory(prefix="coditect-fuzz-")
        self.secrets: dict[str, str] = {}
        self.methods: dict[str, Method] = {}
        self._handlers: dict[str, tuple[Any, type[Message]]] = {}
        self._loop.run_until_complete(self._open(build, secrets))

    async def _open(self, build: Any, secrets: Any) -> None:
        self._store = WatchedStore(
            open_store(f"lmdb://{self._folder.name}/store?map_size={1 << 28}")
        )
        self.app, settings = await build(self._store)
        for prepare in self.app.prepare:
            await prepare()
        self.app.authorizer.revocations.mark_fresh()
        interceptor = Server(self.app, settings)._interceptor
        methods = {method.full_name: method for method in load(CONTRACT).methods}
        for servicer in self.app.servicers:
            found = _Handlers()
            servicer.add(servicer.implementation, found)
            for service, handlers in found.services.items():
                wrapped: Any = interceptor.wrap(service, handlers)
                for name, handler in handlers.items():
                    method = methods[f"{servicer.full_name}.{name}"]
                    if method.http is None and servicer.full_name != _OF_ENVOY:
                        continue  # only services call it
                    details = SimpleNamespace(method=f"/{service}/{name}", invocation_metadata=())
                    script = f"{service.rpartition('.')[2]}/{name}"
                    self.methods[script] = method
                    request = handler.request_deserializer.__self__
                    self._handlers[script] = wrapped.service(details), request
        self.secrets = await secrets(self)
        self._rows = await rows_between(self._store, b"", b"\xfe")
        self._writes = self._store.writes

    def run(self, data: bytes) -> None:
        """Calls the context by a script, and checks the answer. Raises `AssertionError` for a fault."""
        script, headers, lines = self._parsed(data)
        if script not in self._handlers:
            return
        try:
            self._loop.run_until_complete(self._checked(script, headers, lines))
        finally:
            if self._store.writes != self._writes:
                self._loop.run_until_complete(self._restore())

    async def call(
        self, script: str, headers: Mapping[str, str] | None = None, /, **fields: Any
    ) -> Any:
        """Calls a method, and returns its answer as JSON. Raises `Refused`."""
        handler, request_class = self._handlers[script]
        request = json_format.ParseDict(fields, request_class())
        answer = await self._answer(handler, request, headers or {})
        (message,) = answer.messages
        return json_format.MessageToDict(message)

    def _parsed(self, data: bytes) -> tuple[str, dict[str, str], list[tuple[str, str]]]:
        # As gRPC's library for Python reads headers, and as protobuf reads texts.
        text = _PLACEHOLDER.sub(
            lambda found: self.secrets.get(found[1], found[0]), data.decode(errors="replace")
        )
        first, *rest = text.split("\n")
        headers, fields = {}, []
        for line in rest:
            name, _, value = line.removeprefix("> ").partition(": ")
            if not line.startswith("> "):
                fields.append((name, value))
            elif _HEADER.fullmatch(name):
                headers[name] = value
        return first, headers, fields

    async def _checked(
        self, script: str, headers: dict[str, str], lines: list[tuple[str, str]]
    ) -> None:
        handler, request_class = self._handlers[script]
        request = request_class()
        for name, value in lines:
            _set(request, name, value)
        method = self.methods[script]
        try:
            with _no_network():
                answer = await self._answer(handler, request, headers)
        except Refused as refused:
            _check_refusal(method, refused)
        else:
            _check_answer(method, answer)

    async def _answer(self, handler: Any, request: Message, headers: Mapping[str, str]) -> Answer:
        context = _Context(headers)
        raw = request.SerializeToString()
        if handler.response_streaming:
            messages = [message async for message in handler.unary_stream(raw, context)]
        else:
            messages = [await handler.unary_unary(raw, context)]
        for message in messages:
            handler.response_serializer(message)
        return Answer(messages, context.sent)

    async def _restore(self) -> None:
        """Makes the store what it was after the set-up."""
        rows = dict(await rows_between(self._store, b"", b"\xfe"))
        before = dict(self._rows)

        async def restore(tx: Write) -> None:
            for key in rows.keys() - before.keys():
                tx.clear(key)
            for key, value in before.items():
                if rows.get(key) != value:
                    tx.set(key, value)

        await self._store.write(restore, essential=True)
        self._writes = self._store.writes


class _Handlers:
    """Stands for a server, and keeps the handlers that are added to it."""

    def __init__(self) -> None:
        self.services: dict[str, Mapping[str, Any]] = {}

    def add_generic_rpc_handlers(self, _: Any) -> None:
        """Does nothing: the same handlers are added by name."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Keeps them."""
        self.services[service] = handlers


def _set(request: Message, name: str, value: str) -> None:
    """Sets a field, if there is one that takes the value."""
    found = request.DESCRIPTOR.fields_by_name.get(
        name
    ) or request.DESCRIPTOR.fields_by_camelcase_name.get(name)
    if found is None:
        return
    # Protobuf raises a SystemError for names that are not Unicode.
    with suppress(ValueError, TypeError, json_format.ParseError, RecursionError, SystemError):
        if found.message_type is not None:
            part = type(request)()
            json_format.ParseDict({name: json.loads(value)}, part)
            request.MergeFrom(part)
        elif found.is_repeated:
            getattr(request, found.name).append(_value(found, value))
        else:
            setattr(request, found.name, _value(found, value))


def _value(field: FieldDescriptor, text: str) -> Any:
    if field.cpp_type in _NUMBERS:
        return int(text)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return text == "true"
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return (
            field.enum_type.values_by_name[text].number
            if text in field.enum_type.values_by_name
            else int(text)
        )
    return text.replace("\\n", "\n")


def _check_refusal(method: Method, refused: Refused) -> None:
    """That a refusal has a reason that its method declares, and only texts of ours."""
    allowed = {*reasons_of(method), *_UNAVAILABLE} - {"INTERNAL"}
    assert refused.reason in allowed, f"{method.name} refuses with {refused.reason}"
    shown = json_format.MessageToJson(refused.status, ensure_ascii=False)
    assert shown.replace("\n", "").isprintable(), f"{method.name} refuses with what cannot be seen"


def _check_answer(method: Method, answer: Answer) -> None:
    """That an answer can be written as JSON, its headers are headers, and its pages have no script."""
    for message in answer.messages:
        json_format.MessageToJson(message)
        if isinstance(message, httpbody_pb2.HttpBody) and message.content_type.startswith(
            "text/html"
        ):
            assert b"<script" not in message.data.lower(), f"{method.name} answers with a script"
    for name, value in answer.headers:
        assert _HEADER.fullmatch(name), f"{method.name} sets the header {name!r}"
        assert _HEADER_VALUE.fullmatch(value), f"{method.name} sets {name} to {value!r}"


@contextmanager
def _no_network() -> Iterator[None]:
    """No name has an address: a fuzzer must not make this machine call strangers."""
    unknown = mock.Mock(side_effect=socket.gaierror("no network"))
    with mock.patch("socket.getaddrinfo", unknown):
        yield
