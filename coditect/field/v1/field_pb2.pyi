from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_LINE: _ClassVar[Format]
    FORMAT_PATH: _ClassVar[Format]
    FORMAT_UUID: _ClassVar[Format]
    FORMAT_EMAIL: _ClassVar[Format]
    FORMAT_SECRET: _ClassVar[Format]
FORMAT_UNSPECIFIED: Format
FORMAT_LINE: Format
FORMAT_PATH: Format
FORMAT_UUID: Format
FORMAT_EMAIL: Format
FORMAT_SECRET: Format
RULES_FIELD_NUMBER: _ClassVar[int]
rules: _descriptor.FieldDescriptor

class Rules(_message.Message):
    __slots__ = ("format", "min_len", "max_len", "gte", "ignore_empty", "example", "object")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    MIN_LEN_FIELD_NUMBER: _ClassVar[int]
    MAX_LEN_FIELD_NUMBER: _ClassVar[int]
    IN_FIELD_NUMBER: _ClassVar[int]
    GTE_FIELD_NUMBER: _ClassVar[int]
    IGNORE_EMPTY_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    format: Format
    min_len: int
    max_len: int
    gte: int
    ignore_empty: bool
    example: str
    object: ObjectLimits
    def __init__(self, format: _Optional[_Union[Format, str]] = ..., min_len: _Optional[int] = ..., max_len: _Optional[int] = ..., gte: _Optional[int] = ..., ignore_empty: _Optional[bool] = ..., example: _Optional[str] = ..., object: _Optional[_Union[ObjectLimits, _Mapping]] = ..., **kwargs) -> None: ...

class ObjectLimits(_message.Message):
    __slots__ = ("max_bytes", "max_levels", "max_values")
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_LEVELS_FIELD_NUMBER: _ClassVar[int]
    MAX_VALUES_FIELD_NUMBER: _ClassVar[int]
    max_bytes: int
    max_levels: int
    max_values: int
    def __init__(self, max_bytes: _Optional[int] = ..., max_levels: _Optional[int] = ..., max_values: _Optional[int] = ...) -> None: ...
