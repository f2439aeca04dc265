import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Factor(_message.Message):
    __slots__ = ("factor_id", "kind", "name", "create_time", "last_used_time", "codes_left")
    FACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_TIME_FIELD_NUMBER: _ClassVar[int]
    CODES_LEFT_FIELD_NUMBER: _ClassVar[int]
    factor_id: str
    kind: str
    name: str
    create_time: _timestamp_pb2.Timestamp
    last_used_time: _timestamp_pb2.Timestamp
    codes_left: int
    def __init__(self, factor_id: _Optional[str] = ..., kind: _Optional[str] = ..., name: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., codes_left: _Optional[int] = ...) -> None: ...

class ListFactorsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListFactorsResponse(_message.Message):
    __slots__ = ("factors", "recovery_time")
    FACTORS_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    factors: _containers.RepeatedCompositeFieldContainer[Factor]
    recovery_time: _timestamp_pb2.Timestamp
    def __init__(self, factors: _Optional[_Iterable[_Union[Factor, _Mapping]]] = ..., recovery_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UpdateFactorRequest(_message.Message):
    __slots__ = ("factor_id", "name")
    FACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    factor_id: str
    name: str
    def __init__(self, factor_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class UpdateFactorResponse(_message.Message):
    __slots__ = ("factor",)
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    factor: Factor
    def __init__(self, factor: _Optional[_Union[Factor, _Mapping]] = ...) -> None: ...

class DeleteFactorRequest(_message.Message):
    __slots__ = ("factor_id",)
    FACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    factor_id: str
    def __init__(self, factor_id: _Optional[str] = ...) -> None: ...

class DeleteFactorResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UndoFactorRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class UndoFactorResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StartFactorRecoveryRequest(_message.Message):
    __slots__ = ("challenge_token",)
    CHALLENGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    challenge_token: str
    def __init__(self, challenge_token: _Optional[str] = ...) -> None: ...

class StartFactorRecoveryResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ConfirmFactorRecoveryRequest(_message.Message):
    __slots__ = ("token", "email", "code")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    token: str
    email: str
    code: str
    def __init__(self, token: _Optional[str] = ..., email: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ConfirmFactorRecoveryResponse(_message.Message):
    __slots__ = ("recovery_time",)
    RECOVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    recovery_time: _timestamp_pb2.Timestamp
    def __init__(self, recovery_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
