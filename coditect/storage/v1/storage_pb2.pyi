import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IdempotencyRecord(_message.Message):
    __slots__ = ("request_digest", "kept", "expire_time", "caller_digest", "key_digest")
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    KEY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    request_digest: bytes
    kept: bytes
    expire_time: _timestamp_pb2.Timestamp
    caller_digest: bytes
    key_digest: bytes
    def __init__(self, request_digest: _Optional[bytes] = ..., kept: _Optional[bytes] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., caller_digest: _Optional[bytes] = ..., key_digest: _Optional[bytes] = ...) -> None: ...

class PagePosition(_message.Message):
    __slots__ = ("last_key", "list")
    LAST_KEY_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    last_key: bytes
    list: bytes
    def __init__(self, last_key: _Optional[bytes] = ..., list: _Optional[bytes] = ...) -> None: ...

class Tombstone(_message.Message):
    __slots__ = ("expire_time", "epoch")
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    expire_time: _timestamp_pb2.Timestamp
    epoch: int
    def __init__(self, expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...

class WorkItem(_message.Message):
    __slots__ = ("payload", "attempts", "put_time")
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    PUT_TIME_FIELD_NUMBER: _ClassVar[int]
    payload: bytes
    attempts: int
    put_time: _timestamp_pb2.Timestamp
    def __init__(self, payload: _Optional[bytes] = ..., attempts: _Optional[int] = ..., put_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
