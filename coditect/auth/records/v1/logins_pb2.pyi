import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LoginRecord(_message.Message):
    __slots__ = ("login_id", "user_id", "tenant_id", "role", "create_time", "last_used_time", "expire_time", "user_agent", "address", "token_hash", "previous_token_hash", "rotation_salt", "rotate_time", "device_id", "auth_time", "authentication_methods", "tenant_idle_seconds", "tenant_life_seconds", "client_id", "scopes")
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_HASH_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_TOKEN_HASH_FIELD_NUMBER: _ClassVar[int]
    ROTATION_SALT_FIELD_NUMBER: _ClassVar[int]
    ROTATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    AUTH_TIME_FIELD_NUMBER: _ClassVar[int]
    AUTHENTICATION_METHODS_FIELD_NUMBER: _ClassVar[int]
    TENANT_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TENANT_LIFE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    login_id: str
    user_id: str
    tenant_id: str
    role: str
    create_time: _timestamp_pb2.Timestamp
    last_used_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    user_agent: str
    address: str
    token_hash: bytes
    previous_token_hash: bytes
    rotation_salt: bytes
    rotate_time: _timestamp_pb2.Timestamp
    device_id: bytes
    auth_time: _timestamp_pb2.Timestamp
    authentication_methods: _containers.RepeatedScalarFieldContainer[str]
    tenant_idle_seconds: int
    tenant_life_seconds: int
    client_id: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, login_id: _Optional[str] = ..., user_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., role: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ..., token_hash: _Optional[bytes] = ..., previous_token_hash: _Optional[bytes] = ..., rotation_salt: _Optional[bytes] = ..., rotate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., device_id: _Optional[bytes] = ..., auth_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., authentication_methods: _Optional[_Iterable[str]] = ..., tenant_idle_seconds: _Optional[int] = ..., tenant_life_seconds: _Optional[int] = ..., client_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ...) -> None: ...
