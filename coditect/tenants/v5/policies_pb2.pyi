from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Policy(_message.Message):
    __slots__ = ("second_factor_required", "email_domains", "login_idle_seconds", "login_life_seconds", "programs_allowed", "max_token_days")
    SECOND_FACTOR_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_LIFE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    second_factor_required: bool
    email_domains: _containers.RepeatedScalarFieldContainer[str]
    login_idle_seconds: int
    login_life_seconds: int
    programs_allowed: bool
    max_token_days: int
    def __init__(self, second_factor_required: _Optional[bool] = ..., email_domains: _Optional[_Iterable[str]] = ..., login_idle_seconds: _Optional[int] = ..., login_life_seconds: _Optional[int] = ..., programs_allowed: _Optional[bool] = ..., max_token_days: _Optional[int] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class UpdatePolicyRequest(_message.Message):
    __slots__ = ("tenant_id", "second_factor_required", "email_domains", "login_idle_seconds", "login_life_seconds", "programs_allowed", "max_token_days")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_LIFE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    second_factor_required: bool
    email_domains: _struct_pb2.ListValue
    login_idle_seconds: int
    login_life_seconds: int
    programs_allowed: bool
    max_token_days: int
    def __init__(self, tenant_id: _Optional[str] = ..., second_factor_required: _Optional[bool] = ..., email_domains: _Optional[_Union[_struct_pb2.ListValue, _Mapping]] = ..., login_idle_seconds: _Optional[int] = ..., login_life_seconds: _Optional[int] = ..., programs_allowed: _Optional[bool] = ..., max_token_days: _Optional[int] = ...) -> None: ...

class UpdatePolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: Policy
    def __init__(self, policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...
