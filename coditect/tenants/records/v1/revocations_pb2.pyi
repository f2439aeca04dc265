from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class AccessRevocationRecord(_message.Message):
    __slots__ = ("tenant_id", "user_id", "tenant_epoch")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    user_id: str
    tenant_epoch: int
    def __init__(self, tenant_id: _Optional[str] = ..., user_id: _Optional[str] = ..., tenant_epoch: _Optional[int] = ...) -> None: ...
