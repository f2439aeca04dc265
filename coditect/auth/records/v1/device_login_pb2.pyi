import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeviceLoginRecord(_message.Message):
    __slots__ = ("device_login_id", "code_hash", "user_code_mac", "client_id", "scopes", "user_agent", "address", "network_mac", "create_time", "expire_time", "interval_seconds", "poll_time", "state", "user_id", "login_id", "tenant_id", "grant_id")
    DEVICE_LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_HASH_FIELD_NUMBER: _ClassVar[int]
    USER_CODE_MAC_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_MAC_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    POLL_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    device_login_id: str
    code_hash: bytes
    user_code_mac: bytes
    client_id: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    user_agent: str
    address: str
    network_mac: bytes
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    interval_seconds: int
    poll_time: _timestamp_pb2.Timestamp
    state: str
    user_id: str
    login_id: str
    tenant_id: str
    grant_id: str
    def __init__(self, device_login_id: _Optional[str] = ..., code_hash: _Optional[bytes] = ..., user_code_mac: _Optional[bytes] = ..., client_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ..., network_mac: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., interval_seconds: _Optional[int] = ..., poll_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[str] = ..., user_id: _Optional[str] = ..., login_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., grant_id: _Optional[str] = ...) -> None: ...
