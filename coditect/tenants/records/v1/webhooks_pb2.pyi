import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WebhookRecord(_message.Message):
    __slots__ = ("tenant_id", "webhook_id", "name", "url", "create_time", "sealed_secret", "sealed_old_secret", "old_secret_expire_time")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SEALED_SECRET_FIELD_NUMBER: _ClassVar[int]
    SEALED_OLD_SECRET_FIELD_NUMBER: _ClassVar[int]
    OLD_SECRET_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    webhook_id: str
    name: str
    url: str
    create_time: _timestamp_pb2.Timestamp
    sealed_secret: bytes
    sealed_old_secret: bytes
    old_secret_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, tenant_id: _Optional[str] = ..., webhook_id: _Optional[str] = ..., name: _Optional[str] = ..., url: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sealed_secret: _Optional[bytes] = ..., sealed_old_secret: _Optional[bytes] = ..., old_secret_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WebhookProgressRecord(_message.Message):
    __slots__ = ("tenant_id", "webhook_id", "position", "due_time", "lease", "attempts", "failing_since_time", "has_given_up", "last_status", "last_success_time", "slow", "lost_events", "told_lost_events", "host", "disabled_reason")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    FAILING_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    HAS_GIVEN_UP_FIELD_NUMBER: _ClassVar[int]
    LAST_STATUS_FIELD_NUMBER: _ClassVar[int]
    LAST_SUCCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    SLOW_FIELD_NUMBER: _ClassVar[int]
    LOST_EVENTS_FIELD_NUMBER: _ClassVar[int]
    TOLD_LOST_EVENTS_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    DISABLED_REASON_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    webhook_id: str
    position: bytes
    due_time: _timestamp_pb2.Timestamp
    lease: bytes
    attempts: int
    failing_since_time: _timestamp_pb2.Timestamp
    has_given_up: bool
    last_status: int
    last_success_time: _timestamp_pb2.Timestamp
    slow: bool
    lost_events: int
    told_lost_events: int
    host: str
    disabled_reason: str
    def __init__(self, tenant_id: _Optional[str] = ..., webhook_id: _Optional[str] = ..., position: _Optional[bytes] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lease: _Optional[bytes] = ..., attempts: _Optional[int] = ..., failing_since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., has_given_up: _Optional[bool] = ..., last_status: _Optional[int] = ..., last_success_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., slow: _Optional[bool] = ..., lost_events: _Optional[int] = ..., told_lost_events: _Optional[int] = ..., host: _Optional[str] = ..., disabled_reason: _Optional[str] = ...) -> None: ...

class FailedDeliveryRecord(_message.Message):
    __slots__ = ("tenant_id", "webhook_id", "position", "event_id", "type", "event_time", "last_attempt_time", "attempts", "last_status", "replaying")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    LAST_STATUS_FIELD_NUMBER: _ClassVar[int]
    REPLAYING_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    webhook_id: str
    position: bytes
    event_id: str
    type: str
    event_time: _timestamp_pb2.Timestamp
    last_attempt_time: _timestamp_pb2.Timestamp
    attempts: int
    last_status: int
    replaying: bool
    def __init__(self, tenant_id: _Optional[str] = ..., webhook_id: _Optional[str] = ..., position: _Optional[bytes] = ..., event_id: _Optional[str] = ..., type: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[int] = ..., last_status: _Optional[int] = ..., replaying: _Optional[bool] = ...) -> None: ...
