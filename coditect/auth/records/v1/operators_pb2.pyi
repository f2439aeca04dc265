import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OperatorRecord(_message.Message):
    __slots__ = ("user_id", "grant_time")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    grant_time: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., grant_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OperatorActRecord(_message.Message):
    __slots__ = ("time", "operator_id", "act", "user_id", "tenant_id", "reason", "user_agent", "address")
    TIME_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    operator_id: bytes
    act: str
    user_id: bytes
    tenant_id: bytes
    reason: str
    user_agent: str
    address: str
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., operator_id: _Optional[bytes] = ..., act: _Optional[str] = ..., user_id: _Optional[bytes] = ..., tenant_id: _Optional[bytes] = ..., reason: _Optional[str] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class OperatorEventRecord(_message.Message):
    __slots__ = ("event_id", "expire_time")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, event_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
