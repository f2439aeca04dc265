import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChallengeRecord(_message.Message):
    __slots__ = ("purpose", "challenge_id", "expire_time", "user_id", "origin_id", "password_revision", "tenant_id", "device_mac")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_ID_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_REVISION_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_MAC_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    challenge_id: bytes
    expire_time: _timestamp_pb2.Timestamp
    user_id: bytes
    origin_id: bytes
    password_revision: int
    tenant_id: bytes
    device_mac: bytes
    def __init__(self, purpose: _Optional[str] = ..., challenge_id: _Optional[bytes] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_id: _Optional[bytes] = ..., origin_id: _Optional[bytes] = ..., password_revision: _Optional[int] = ..., tenant_id: _Optional[bytes] = ..., device_mac: _Optional[bytes] = ...) -> None: ...

class SpentChallengeRecord(_message.Message):
    __slots__ = ("challenge_id", "expire_time")
    CHALLENGE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    challenge_id: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, challenge_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
