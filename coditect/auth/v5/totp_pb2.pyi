from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.auth.v5 import factors_pb2 as _factors_pb2
from coditect.auth.v5 import tokens_pb2 as _tokens_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnrollTotpRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class EnrollTotpResponse(_message.Message):
    __slots__ = ("factor_id", "secret", "uri", "qr_svg")
    FACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    QR_SVG_FIELD_NUMBER: _ClassVar[int]
    factor_id: str
    secret: str
    uri: str
    qr_svg: str
    def __init__(self, factor_id: _Optional[str] = ..., secret: _Optional[str] = ..., uri: _Optional[str] = ..., qr_svg: _Optional[str] = ...) -> None: ...

class ConfirmTotpRequest(_message.Message):
    __slots__ = ("factor_id", "code")
    FACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    factor_id: str
    code: str
    def __init__(self, factor_id: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ConfirmTotpResponse(_message.Message):
    __slots__ = ("factor", "recovery_codes", "tokens")
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODES_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    factor: _factors_pb2.Factor
    recovery_codes: _containers.RepeatedScalarFieldContainer[str]
    tokens: _tokens_pb2.Tokens
    def __init__(self, factor: _Optional[_Union[_factors_pb2.Factor, _Mapping]] = ..., recovery_codes: _Optional[_Iterable[str]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ...) -> None: ...
