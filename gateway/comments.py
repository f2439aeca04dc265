"""Reads the comments of the contract, which a descriptor set keeps apart from the definitions."""

import re
from collections.abc import Iterator

from google.protobuf import descriptor_pb2

_TO_THE_LINTER = re.compile(r"^ *buf:lint:.*$", re.MULTILINE)
# Field numbers in descriptor.proto, as they occur in source info paths.
_FILE_MESSAGE, _FILE_SERVICE, _SERVICE_METHOD, _MESSAGE_FIELD, _MESSAGE_NESTED = 4, 6, 2, 2, 3


def comments_of(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """Returns the full name of each message, field, service and method with its leading comment."""
    for location in file.source_code_info.location:
        name = _named(file, list(location.path))
        text = " ".join(_TO_THE_LINTER.sub("", location.leading_comments).split())
        if name and text:
            yield name, text


def _named(file: descriptor_pb2.FileDescriptorProto, path: list[int]) -> str | None:
    """Returns the full name of the target of a source info path, if its comment is used."""
    match path:
        case [kind, service] if kind == _FILE_SERVICE:
            return f"{file.package}.{file.service[service].name}"
        case [kind, service, member, method] if (kind, member) == (_FILE_SERVICE, _SERVICE_METHOD):
            found = file.service[service]
            return f"{file.package}.{found.name}.{found.method[method].name}"
        case [kind, index, *rest] if kind == _FILE_MESSAGE:
            return _within(file.package, file.message_type[index], rest)
    return None


def _within(prefix: str, message: descriptor_pb2.DescriptorProto, path: list[int]) -> str | None:
    name = f"{prefix}.{message.name}"
    match path:
        case []:
            return name
        case [kind, field] if kind == _MESSAGE_FIELD:
            return f"{name}.{message.field[field].name}"
        case [kind, index, *rest] if kind == _MESSAGE_NESTED:
            return _within(name, message.nested_type[index], rest)
    return None
