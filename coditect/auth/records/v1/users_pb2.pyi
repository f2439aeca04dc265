import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserRecord(_message.Message):
    __slots__ = ("user_id", "email", "password_hash", "first_name", "last_name", "company", "create_time", "password_revision", "active_tenant_id", "profile_revision", "email_verify_time", "language", "second_factor", "operator", "disable_time", "hold_time", "delete_time", "address_corrected")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_HASH_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPANY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_REVISION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_REVISION_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFY_TIME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    DISABLE_TIME_FIELD_NUMBER: _ClassVar[int]
    HOLD_TIME_FIELD_NUMBER: _ClassVar[int]
    DELETE_TIME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_CORRECTED_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    email: str
    password_hash: str
    first_name: str
    last_name: str
    company: str
    create_time: _timestamp_pb2.Timestamp
    password_revision: int
    active_tenant_id: str
    profile_revision: int
    email_verify_time: _timestamp_pb2.Timestamp
    language: str
    second_factor: bool
    operator: bool
    disable_time: _timestamp_pb2.Timestamp
    hold_time: _timestamp_pb2.Timestamp
    delete_time: _timestamp_pb2.Timestamp
    address_corrected: bool
    def __init__(self, user_id: _Optional[str] = ..., email: _Optional[str] = ..., password_hash: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., company: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., password_revision: _Optional[int] = ..., active_tenant_id: _Optional[str] = ..., profile_revision: _Optional[int] = ..., email_verify_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., language: _Optional[str] = ..., second_factor: _Optional[bool] = ..., operator: _Optional[bool] = ..., disable_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hold_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., delete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., address_corrected: _Optional[bool] = ...) -> None: ...
