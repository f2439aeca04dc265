import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OutboxRecord(_message.Message):
    __slots__ = ("ensure_self_tenant", "erase_user", "update_profile")
    ENSURE_SELF_TENANT_FIELD_NUMBER: _ClassVar[int]
    ERASE_USER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_PROFILE_FIELD_NUMBER: _ClassVar[int]
    ensure_self_tenant: EnsureSelfTenant
    erase_user: EraseUser
    update_profile: UpdateProfile
    def __init__(self, ensure_self_tenant: _Optional[_Union[EnsureSelfTenant, _Mapping]] = ..., erase_user: _Optional[_Union[EraseUser, _Mapping]] = ..., update_profile: _Optional[_Union[UpdateProfile, _Mapping]] = ...) -> None: ...

class EnsureSelfTenant(_message.Message):
    __slots__ = ("user_id", "create_time")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EraseUser(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class UpdateProfile(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...
