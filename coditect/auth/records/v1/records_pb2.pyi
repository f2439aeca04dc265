import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserRecord(_message.Message):
    __slots__ = ("user_id", "email", "password_hash", "first_name", "last_name", "company", "create_time", "password_revision", "active_tenant_id", "profile_revision")
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
    def __init__(self, user_id: _Optional[str] = ..., email: _Optional[str] = ..., password_hash: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., company: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., password_revision: _Optional[int] = ..., active_tenant_id: _Optional[str] = ..., profile_revision: _Optional[int] = ...) -> None: ...

class LoginRecord(_message.Message):
    __slots__ = ("login_id", "user_id", "tenant_id", "role", "create_time", "last_used_time", "expire_time", "user_agent", "address", "token_hash", "previous_token_hash", "rotation_salt", "rotate_time")
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
    def __init__(self, login_id: _Optional[str] = ..., user_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., role: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ..., token_hash: _Optional[bytes] = ..., previous_token_hash: _Optional[bytes] = ..., rotation_salt: _Optional[bytes] = ..., rotate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class KeyRecord(_message.Message):
    __slots__ = ("kid", "public_key", "sealed_private_key", "create_time", "activate_time", "retire_time")
    KID_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    SEALED_PRIVATE_KEY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTIVATE_TIME_FIELD_NUMBER: _ClassVar[int]
    RETIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    kid: str
    public_key: bytes
    sealed_private_key: bytes
    create_time: _timestamp_pb2.Timestamp
    activate_time: _timestamp_pb2.Timestamp
    retire_time: _timestamp_pb2.Timestamp
    def __init__(self, kid: _Optional[str] = ..., public_key: _Optional[bytes] = ..., sealed_private_key: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., activate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., retire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RegistrationRecord(_message.Message):
    __slots__ = ("user", "login_id", "token_id", "refresh_salt", "request_digest")
    USER_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_SALT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    user: UserRecord
    login_id: str
    token_id: str
    refresh_salt: bytes
    request_digest: bytes
    def __init__(self, user: _Optional[_Union[UserRecord, _Mapping]] = ..., login_id: _Optional[str] = ..., token_id: _Optional[str] = ..., refresh_salt: _Optional[bytes] = ..., request_digest: _Optional[bytes] = ...) -> None: ...

class OutboxRecord(_message.Message):
    __slots__ = ("materialise_self_tenant", "erase_user", "update_profile")
    MATERIALISE_SELF_TENANT_FIELD_NUMBER: _ClassVar[int]
    ERASE_USER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_PROFILE_FIELD_NUMBER: _ClassVar[int]
    materialise_self_tenant: MaterialiseSelfTenant
    erase_user: EraseUser
    update_profile: UpdateProfile
    def __init__(self, materialise_self_tenant: _Optional[_Union[MaterialiseSelfTenant, _Mapping]] = ..., erase_user: _Optional[_Union[EraseUser, _Mapping]] = ..., update_profile: _Optional[_Union[UpdateProfile, _Mapping]] = ...) -> None: ...

class MaterialiseSelfTenant(_message.Message):
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
