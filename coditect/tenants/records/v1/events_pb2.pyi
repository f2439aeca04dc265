from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class EventCursor(_message.Message):
    __slots__ = ("tenant_id", "position", "event_id")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: bytes
    position: bytes
    event_id: bytes
    def __init__(self, tenant_id: _Optional[bytes] = ..., position: _Optional[bytes] = ..., event_id: _Optional[bytes] = ...) -> None: ...
