import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnsureSelfTenantRequest(_message.Message):
    __slots__ = ("user_id", "create_time")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EnsureSelfTenantResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EraseUserRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class EraseUserResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMembershipRequest(_message.Message):
    __slots__ = ("user_id", "tenant_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    tenant_id: str
    def __init__(self, user_id: _Optional[str] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class GetMembershipResponse(_message.Message):
    __slots__ = ("tenant_id", "name", "slug", "kind", "role", "state", "create_time", "tenant_epoch", "second_factor_required", "login_idle_seconds", "login_life_seconds", "programs_allowed", "longest_token_days")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TENANT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    LOGIN_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_LIFE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    LONGEST_TOKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    slug: str
    kind: str
    role: str
    state: str
    create_time: _timestamp_pb2.Timestamp
    tenant_epoch: int
    second_factor_required: bool
    login_idle_seconds: int
    login_life_seconds: int
    programs_allowed: bool
    longest_token_days: int
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., slug: _Optional[str] = ..., kind: _Optional[str] = ..., role: _Optional[str] = ..., state: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tenant_epoch: _Optional[int] = ..., second_factor_required: _Optional[bool] = ..., login_idle_seconds: _Optional[int] = ..., login_life_seconds: _Optional[int] = ..., programs_allowed: _Optional[bool] = ..., longest_token_days: _Optional[int] = ...) -> None: ...

class GetTenantStateRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class GetTenantStateResponse(_message.Message):
    __slots__ = ("kind", "state", "tenant_epoch", "programs_allowed", "longest_token_days")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TENANT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    LONGEST_TOKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    state: str
    tenant_epoch: int
    programs_allowed: bool
    longest_token_days: int
    def __init__(self, kind: _Optional[str] = ..., state: _Optional[str] = ..., tenant_epoch: _Optional[int] = ..., programs_allowed: _Optional[bool] = ..., longest_token_days: _Optional[int] = ...) -> None: ...

class ListTenantsOfUserRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class ListTenantsOfUserResponse(_message.Message):
    __slots__ = ("tenants",)
    TENANTS_FIELD_NUMBER: _ClassVar[int]
    tenants: _containers.RepeatedCompositeFieldContainer[TenantOfUser]
    def __init__(self, tenants: _Optional[_Iterable[_Union[TenantOfUser, _Mapping]]] = ...) -> None: ...

class TenantOfUser(_message.Message):
    __slots__ = ("tenant_id", "name", "kind")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    kind: str
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class UpdateUserProfileRequest(_message.Message):
    __slots__ = ("user_id", "first_name", "last_name", "profile_revision", "email", "normalized_email", "email_verified")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_REVISION_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    first_name: str
    last_name: str
    profile_revision: int
    email: str
    normalized_email: str
    email_verified: bool
    def __init__(self, user_id: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., profile_revision: _Optional[int] = ..., email: _Optional[str] = ..., normalized_email: _Optional[str] = ..., email_verified: _Optional[bool] = ...) -> None: ...

class UpdateUserProfileResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AppendAuditEventRequest(_message.Message):
    __slots__ = ("event_id", "tenant_id", "time", "user_id", "login_id", "action", "target_id", "target_name", "detail", "address", "user_agent", "client_id", "token_id", "agent")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_NAME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    tenant_id: str
    time: _timestamp_pb2.Timestamp
    user_id: str
    login_id: str
    action: str
    target_id: str
    target_name: str
    detail: str
    address: str
    user_agent: str
    client_id: str
    token_id: str
    agent: str
    def __init__(self, event_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_id: _Optional[str] = ..., login_id: _Optional[str] = ..., action: _Optional[str] = ..., target_id: _Optional[str] = ..., target_name: _Optional[str] = ..., detail: _Optional[str] = ..., address: _Optional[str] = ..., user_agent: _Optional[str] = ..., client_id: _Optional[str] = ..., token_id: _Optional[str] = ..., agent: _Optional[str] = ...) -> None: ...

class AppendAuditEventResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ExportUserRequest(_message.Message):
    __slots__ = ("user_id", "page_token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    page_token: str
    def __init__(self, user_id: _Optional[str] = ..., page_token: _Optional[str] = ...) -> None: ...

class ExportUserResponse(_message.Message):
    __slots__ = ("lines", "next_page_token")
    LINES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, lines: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
