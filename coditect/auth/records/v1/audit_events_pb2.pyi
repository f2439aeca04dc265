import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuditEventRecord(_message.Message):
    __slots__ = ("event_id", "tenant_id", "time", "user_id", "login_id", "action", "target_id", "target_name", "detail", "address", "user_agent", "client_id", "token_id", "agent")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_NAME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    event_id: bytes
    tenant_id: bytes
    time: _timestamp_pb2.Timestamp
    user_id: bytes
    login_id: bytes
    action: str
    target_id: bytes
    target_name: str
    detail: str
    address: str
    user_agent: str
    client_id: str
    token_id: bytes
    agent: str
    def __init__(self, event_id: _Optional[bytes] = ..., tenant_id: _Optional[bytes] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_id: _Optional[bytes] = ..., login_id: _Optional[bytes] = ..., action: _Optional[str] = ..., target_id: _Optional[bytes] = ..., target_name: _Optional[str] = ..., detail: _Optional[str] = ..., address: _Optional[str] = ..., user_agent: _Optional[str] = ..., client_id: _Optional[str] = ..., token_id: _Optional[bytes] = ..., agent: _Optional[str] = ...) -> None: ...
