from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
METHOD_FIELD_NUMBER: _ClassVar[int]
method: _descriptor.FieldDescriptor

class Method(_message.Message):
    __slots__ = ("reasons", "idempotent", "idempotency_owner_field", "summary", "example", "login_tokens")
    REASONS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_OWNER_FIELD_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    LOGIN_TOKENS_FIELD_NUMBER: _ClassVar[int]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    idempotent: bool
    idempotency_owner_field: str
    summary: str
    example: str
    login_tokens: bool
    def __init__(self, reasons: _Optional[_Iterable[str]] = ..., idempotent: _Optional[bool] = ..., idempotency_owner_field: _Optional[str] = ..., summary: _Optional[str] = ..., example: _Optional[str] = ..., login_tokens: _Optional[bool] = ...) -> None: ...
