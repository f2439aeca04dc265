import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.auth.v5 import factors_pb2 as _factors_pb2
from coditect.auth.v5 import tokens_pb2 as _tokens_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartPasskeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StartPasskeyResponse(_message.Message):
    __slots__ = ("options", "expire_time")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    options: _struct_pb2.Struct
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreatePasskeyRequest(_message.Message):
    __slots__ = ("credential", "name")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    credential: _struct_pb2.Struct
    name: str
    def __init__(self, credential: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., name: _Optional[str] = ...) -> None: ...

class CreatePasskeyResponse(_message.Message):
    __slots__ = ("factor", "recovery_codes", "tokens")
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODES_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    factor: _factors_pb2.Factor
    recovery_codes: _containers.RepeatedScalarFieldContainer[str]
    tokens: _tokens_pb2.Tokens
    def __init__(self, factor: _Optional[_Union[_factors_pb2.Factor, _Mapping]] = ..., recovery_codes: _Optional[_Iterable[str]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ...) -> None: ...
