import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchRevocationsRequest(_message.Message):
    __slots__ = ("cursor",)
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    cursor: bytes
    def __init__(self, cursor: _Optional[bytes] = ...) -> None: ...

class WatchRevocationsResponse(_message.Message):
    __slots__ = ("revocations", "cursor", "complete", "keys")
    REVOCATIONS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    revocations: _containers.RepeatedCompositeFieldContainer[Revocation]
    cursor: bytes
    complete: bool
    keys: _containers.RepeatedCompositeFieldContainer[VerificationKey]
    def __init__(self, revocations: _Optional[_Iterable[_Union[Revocation, _Mapping]]] = ..., cursor: _Optional[bytes] = ..., complete: _Optional[bool] = ..., keys: _Optional[_Iterable[_Union[VerificationKey, _Mapping]]] = ...) -> None: ...

class VerificationKey(_message.Message):
    __slots__ = ("kid", "public_key", "algorithm")
    KID_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    kid: str
    public_key: bytes
    algorithm: str
    def __init__(self, kid: _Optional[str] = ..., public_key: _Optional[bytes] = ..., algorithm: _Optional[str] = ...) -> None: ...

class Revocation(_message.Message):
    __slots__ = ("user_id", "source_id", "tenant_id", "revoke_time", "tenant_epoch")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    TENANT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    source_id: str
    tenant_id: str
    revoke_time: _timestamp_pb2.Timestamp
    tenant_epoch: int
    def __init__(self, user_id: _Optional[str] = ..., source_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tenant_epoch: _Optional[int] = ...) -> None: ...
