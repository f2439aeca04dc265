from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
EDGE_FIELD_NUMBER: _ClassVar[int]
edge: _descriptor.FieldDescriptor

class Edge(_message.Message):
    __slots__ = ("created", "accepted", "bare", "credential", "cookies", "form", "oauth", "json", "page", "cacheable")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    BARE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    COOKIES_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    OAUTH_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    CACHEABLE_FIELD_NUMBER: _ClassVar[int]
    created: bool
    accepted: bool
    bare: bool
    credential: bool
    cookies: _containers.RepeatedScalarFieldContainer[str]
    form: bool
    oauth: bool
    json: bool
    page: bool
    cacheable: bool
    def __init__(self, created: _Optional[bool] = ..., accepted: _Optional[bool] = ..., bare: _Optional[bool] = ..., credential: _Optional[bool] = ..., cookies: _Optional[_Iterable[str]] = ..., form: _Optional[bool] = ..., oauth: _Optional[bool] = ..., json: _Optional[bool] = ..., page: _Optional[bool] = ..., cacheable: _Optional[bool] = ...) -> None: ...
