import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TenantRecord(_message.Message):
    __slots__ = ("tenant_id", "name", "slug", "kind", "state", "create_time", "policy", "suspended_by_operator")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SLUG_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_BY_OPERATOR_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    slug: str
    kind: str
    state: str
    create_time: _timestamp_pb2.Timestamp
    policy: TenantPolicy
    suspended_by_operator: bool
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., slug: _Optional[str] = ..., kind: _Optional[str] = ..., state: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy: _Optional[_Union[TenantPolicy, _Mapping]] = ..., suspended_by_operator: _Optional[bool] = ...) -> None: ...

class TenantPolicy(_message.Message):
    __slots__ = ("second_factor_required", "email_domains", "login_idle_seconds", "login_life_seconds", "programs_denied", "max_token_days")
    SECOND_FACTOR_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_LIFE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_DENIED_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    second_factor_required: bool
    email_domains: _containers.RepeatedScalarFieldContainer[str]
    login_idle_seconds: int
    login_life_seconds: int
    programs_denied: bool
    max_token_days: int
    def __init__(self, second_factor_required: _Optional[bool] = ..., email_domains: _Optional[_Iterable[str]] = ..., login_idle_seconds: _Optional[int] = ..., login_life_seconds: _Optional[int] = ..., programs_denied: _Optional[bool] = ..., max_token_days: _Optional[int] = ...) -> None: ...

class MemberRecord(_message.Message):
    __slots__ = ("tenant_id", "user_id", "role", "join_time", "email", "normalized_email", "display_name", "profile_revision", "promise")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    JOIN_TIME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_REVISION_FIELD_NUMBER: _ClassVar[int]
    PROMISE_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    user_id: str
    role: str
    join_time: _timestamp_pb2.Timestamp
    email: str
    normalized_email: str
    display_name: str
    profile_revision: int
    promise: RolePromise
    def __init__(self, tenant_id: _Optional[str] = ..., user_id: _Optional[str] = ..., role: _Optional[str] = ..., join_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., email: _Optional[str] = ..., normalized_email: _Optional[str] = ..., display_name: _Optional[str] = ..., profile_revision: _Optional[int] = ..., promise: _Optional[_Union[RolePromise, _Mapping]] = ...) -> None: ...

class RolePromise(_message.Message):
    __slots__ = ("role", "normalized_email", "inviter_id", "invitation_id")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    INVITER_ID_FIELD_NUMBER: _ClassVar[int]
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    role: str
    normalized_email: str
    inviter_id: str
    invitation_id: str
    def __init__(self, role: _Optional[str] = ..., normalized_email: _Optional[str] = ..., inviter_id: _Optional[str] = ..., invitation_id: _Optional[str] = ...) -> None: ...
