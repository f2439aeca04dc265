import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.auth.v5 import tokens_pb2 as _tokens_pb2
from coditect.auth.v5 import user_pb2 as _user_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Login(_message.Message):
    __slots__ = ("login_id", "create_time", "last_used_time", "user_agent", "address", "current")
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    login_id: str
    create_time: _timestamp_pb2.Timestamp
    last_used_time: _timestamp_pb2.Timestamp
    user_agent: str
    address: str
    current: bool
    def __init__(self, login_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ..., current: _Optional[bool] = ...) -> None: ...

class LoginRequest(_message.Message):
    __slots__ = ("email", "password", "tenant_id", "device_token")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    email: str
    password: str
    tenant_id: str
    device_token: str
    def __init__(self, email: _Optional[str] = ..., password: _Optional[str] = ..., tenant_id: _Optional[str] = ..., device_token: _Optional[str] = ...) -> None: ...

class LoginResponse(_message.Message):
    __slots__ = ("user", "tenant", "tokens", "device_token", "challenge")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    tenant: _tokens_pb2.Tenant
    tokens: _tokens_pb2.Tokens
    device_token: str
    challenge: Challenge
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., tenant: _Optional[_Union[_tokens_pb2.Tenant, _Mapping]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ..., device_token: _Optional[str] = ..., challenge: _Optional[_Union[Challenge, _Mapping]] = ...) -> None: ...

class Challenge(_message.Message):
    __slots__ = ("token", "kinds", "passkey_options", "expire_time", "recovery_time")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    PASSKEY_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    token: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    passkey_options: _struct_pb2.Struct
    expire_time: _timestamp_pb2.Timestamp
    recovery_time: _timestamp_pb2.Timestamp
    def __init__(self, token: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., passkey_options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recovery_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LoginWithSecondFactorRequest(_message.Message):
    __slots__ = ("challenge_token", "code", "recovery_code", "credential")
    CHALLENGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    challenge_token: str
    code: str
    recovery_code: str
    credential: _struct_pb2.Struct
    def __init__(self, challenge_token: _Optional[str] = ..., code: _Optional[str] = ..., recovery_code: _Optional[str] = ..., credential: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class LoginWithSecondFactorResponse(_message.Message):
    __slots__ = ("user", "tenant", "tokens", "device_token")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    tenant: _tokens_pb2.Tenant
    tokens: _tokens_pb2.Tokens
    device_token: str
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., tenant: _Optional[_Union[_tokens_pb2.Tenant, _Mapping]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ..., device_token: _Optional[str] = ...) -> None: ...

class StartPasskeyLoginRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StartPasskeyLoginResponse(_message.Message):
    __slots__ = ("options", "expire_time")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    options: _struct_pb2.Struct
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LoginWithPasskeyRequest(_message.Message):
    __slots__ = ("credential", "tenant_id", "device_token")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    credential: _struct_pb2.Struct
    tenant_id: str
    device_token: str
    def __init__(self, credential: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., tenant_id: _Optional[str] = ..., device_token: _Optional[str] = ...) -> None: ...

class LoginWithPasskeyResponse(_message.Message):
    __slots__ = ("user", "tenant", "tokens", "device_token")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    tenant: _tokens_pb2.Tenant
    tokens: _tokens_pb2.Tokens
    device_token: str
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., tenant: _Optional[_Union[_tokens_pb2.Tenant, _Mapping]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ..., device_token: _Optional[str] = ...) -> None: ...

class RefreshRequest(_message.Message):
    __slots__ = ("refresh_token", "tenant_id")
    REFRESH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    refresh_token: str
    tenant_id: str
    def __init__(self, refresh_token: _Optional[str] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class RefreshResponse(_message.Message):
    __slots__ = ("user", "tenant", "tokens")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    tenant: _tokens_pb2.Tenant
    tokens: _tokens_pb2.Tokens
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., tenant: _Optional[_Union[_tokens_pb2.Tenant, _Mapping]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ...) -> None: ...

class LogoutRequest(_message.Message):
    __slots__ = ("refresh_token",)
    REFRESH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    refresh_token: str
    def __init__(self, refresh_token: _Optional[str] = ...) -> None: ...

class LogoutResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReauthenticateRequest(_message.Message):
    __slots__ = ("password", "code", "recovery_code", "credential")
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    password: str
    code: str
    recovery_code: str
    credential: _struct_pb2.Struct
    def __init__(self, password: _Optional[str] = ..., code: _Optional[str] = ..., recovery_code: _Optional[str] = ..., credential: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ReauthenticateResponse(_message.Message):
    __slots__ = ("tokens",)
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    tokens: _tokens_pb2.Tokens
    def __init__(self, tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ...) -> None: ...

class LogoutAllRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LogoutAllResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListLoginsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLoginsResponse(_message.Message):
    __slots__ = ("logins", "next_page_token")
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    logins: _containers.RepeatedCompositeFieldContainer[Login]
    next_page_token: str
    def __init__(self, logins: _Optional[_Iterable[_Union[Login, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class EndLoginRequest(_message.Message):
    __slots__ = ("login_id",)
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    login_id: str
    def __init__(self, login_id: _Optional[str] = ...) -> None: ...

class EndLoginResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SwitchTenantRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class SwitchTenantResponse(_message.Message):
    __slots__ = ("user", "tenant", "tokens")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    tenant: _tokens_pb2.Tenant
    tokens: _tokens_pb2.Tokens
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., tenant: _Optional[_Union[_tokens_pb2.Tenant, _Mapping]] = ..., tokens: _Optional[_Union[_tokens_pb2.Tokens, _Mapping]] = ...) -> None: ...
