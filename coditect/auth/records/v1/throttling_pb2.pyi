import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LaneRecord(_message.Message):
    __slots__ = ("email_mac", "user_id", "device_id", "failures", "fail_time", "expire_time", "notified")
    EMAIL_MAC_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    FAIL_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTIFIED_FIELD_NUMBER: _ClassVar[int]
    email_mac: bytes
    user_id: str
    device_id: str
    failures: int
    fail_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    notified: bool
    def __init__(self, email_mac: _Optional[bytes] = ..., user_id: _Optional[str] = ..., device_id: _Optional[str] = ..., failures: _Optional[int] = ..., fail_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., notified: _Optional[bool] = ...) -> None: ...
