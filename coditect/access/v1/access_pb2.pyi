from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Assurance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSURANCE_UNSPECIFIED: _ClassVar[Assurance]
    ASSURANCE_STRONGEST: _ClassVar[Assurance]
    ASSURANCE_AAL2: _ClassVar[Assurance]

class Audience(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIENCE_UNSPECIFIED: _ClassVar[Audience]
    AUDIENCE_PUBLIC: _ClassVar[Audience]
    AUDIENCE_USER: _ClassVar[Audience]
    AUDIENCE_SERVICE: _ClassVar[Audience]
    AUDIENCE_OPERATOR: _ClassVar[Audience]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_MEMBER: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]
    ROLE_OWNER: _ClassVar[Role]

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_UNSPECIFIED: _ClassVar[Scope]
    SCOPE_LOGIN: _ClassVar[Scope]
    SCOPE_ACCOUNT_READ: _ClassVar[Scope]
    SCOPE_ACCOUNT_WRITE: _ClassVar[Scope]
    SCOPE_TENANTS_READ: _ClassVar[Scope]
    SCOPE_TENANTS_WRITE: _ClassVar[Scope]
    SCOPE_SESSIONS_READ: _ClassVar[Scope]
    SCOPE_SESSIONS_WRITE: _ClassVar[Scope]
    SCOPE_OPENID: _ClassVar[Scope]
    SCOPE_PROFILE: _ClassVar[Scope]
    SCOPE_EMAIL: _ClassVar[Scope]
    SCOPE_OFFLINE_ACCESS: _ClassVar[Scope]
ASSURANCE_UNSPECIFIED: Assurance
ASSURANCE_STRONGEST: Assurance
ASSURANCE_AAL2: Assurance
AUDIENCE_UNSPECIFIED: Audience
AUDIENCE_PUBLIC: Audience
AUDIENCE_USER: Audience
AUDIENCE_SERVICE: Audience
AUDIENCE_OPERATOR: Audience
ROLE_UNSPECIFIED: Role
ROLE_MEMBER: Role
ROLE_ADMIN: Role
ROLE_OWNER: Role
SCOPE_UNSPECIFIED: Scope
SCOPE_LOGIN: Scope
SCOPE_ACCOUNT_READ: Scope
SCOPE_ACCOUNT_WRITE: Scope
SCOPE_TENANTS_READ: Scope
SCOPE_TENANTS_WRITE: Scope
SCOPE_SESSIONS_READ: Scope
SCOPE_SESSIONS_WRITE: Scope
SCOPE_OPENID: Scope
SCOPE_PROFILE: Scope
SCOPE_EMAIL: Scope
SCOPE_OFFLINE_ACCESS: Scope
SCOPE_FIELD_NUMBER: _ClassVar[int]
scope: _descriptor.FieldDescriptor
SERVED_BY_FIELD_NUMBER: _ClassVar[int]
served_by: _descriptor.FieldDescriptor
RULE_FIELD_NUMBER: _ClassVar[int]
rule: _descriptor.FieldDescriptor

class Rule(_message.Message):
    __slots__ = ("audience", "least_role", "services", "tenant_field", "others_least_role", "fields", "optional_user", "recent", "assurance", "password_field", "scopes")
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    LEAST_ROLE_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_FIELD_NUMBER: _ClassVar[int]
    OTHERS_LEAST_ROLE_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_USER_FIELD_NUMBER: _ClassVar[int]
    RECENT_FIELD_NUMBER: _ClassVar[int]
    ASSURANCE_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    audience: Audience
    least_role: Role
    services: _containers.RepeatedScalarFieldContainer[str]
    tenant_field: str
    others_least_role: Role
    fields: _containers.RepeatedCompositeFieldContainer[FieldRole]
    optional_user: bool
    recent: int
    assurance: Assurance
    password_field: str
    scopes: _containers.RepeatedScalarFieldContainer[Scope]
    def __init__(self, audience: _Optional[_Union[Audience, str]] = ..., least_role: _Optional[_Union[Role, str]] = ..., services: _Optional[_Iterable[str]] = ..., tenant_field: _Optional[str] = ..., others_least_role: _Optional[_Union[Role, str]] = ..., fields: _Optional[_Iterable[_Union[FieldRole, _Mapping]]] = ..., optional_user: _Optional[bool] = ..., recent: _Optional[int] = ..., assurance: _Optional[_Union[Assurance, str]] = ..., password_field: _Optional[str] = ..., scopes: _Optional[_Iterable[_Union[Scope, str]]] = ...) -> None: ...

class FieldRole(_message.Message):
    __slots__ = ("field", "least_role")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    LEAST_ROLE_FIELD_NUMBER: _ClassVar[int]
    field: str
    least_role: Role
    def __init__(self, field: _Optional[str] = ..., least_role: _Optional[_Union[Role, str]] = ...) -> None: ...

class ScopeOption(_message.Message):
    __slots__ = ("name", "consent", "grantable", "service_account")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    GRANTABLE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    consent: str
    grantable: bool
    service_account: bool
    def __init__(self, name: _Optional[str] = ..., consent: _Optional[str] = ..., grantable: _Optional[bool] = ..., service_account: _Optional[bool] = ...) -> None: ...
