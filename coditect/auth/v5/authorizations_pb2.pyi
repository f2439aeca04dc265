from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.auth.v5 import device_login_pb2 as _device_login_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuthorizationParameters(_message.Message):
    __slots__ = ("client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "nonce", "prompt", "max_age", "acr_values", "login_hint", "response_mode", "resource", "request", "request_uri")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_TYPE_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    CODE_CHALLENGE_METHOD_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    MAX_AGE_FIELD_NUMBER: _ClassVar[int]
    ACR_VALUES_FIELD_NUMBER: _ClassVar[int]
    LOGIN_HINT_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_MODE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    REQUEST_URI_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    response_type: str
    redirect_uri: str
    scope: str
    state: str
    code_challenge: str
    code_challenge_method: str
    nonce: str
    prompt: str
    max_age: str
    acr_values: str
    login_hint: str
    response_mode: str
    resource: _containers.RepeatedScalarFieldContainer[str]
    request: str
    request_uri: str
    def __init__(self, client_id: _Optional[str] = ..., response_type: _Optional[str] = ..., redirect_uri: _Optional[str] = ..., scope: _Optional[str] = ..., state: _Optional[str] = ..., code_challenge: _Optional[str] = ..., code_challenge_method: _Optional[str] = ..., nonce: _Optional[str] = ..., prompt: _Optional[str] = ..., max_age: _Optional[str] = ..., acr_values: _Optional[str] = ..., login_hint: _Optional[str] = ..., response_mode: _Optional[str] = ..., resource: _Optional[_Iterable[str]] = ..., request: _Optional[str] = ..., request_uri: _Optional[str] = ...) -> None: ...

class AnswerAuthorizationRequest(_message.Message):
    __slots__ = ("parameters", "approve", "tenant_id")
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    APPROVE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    parameters: AuthorizationParameters
    approve: bool
    tenant_id: str
    def __init__(self, parameters: _Optional[_Union[AuthorizationParameters, _Mapping]] = ..., approve: _Optional[bool] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class AnswerAuthorizationResponse(_message.Message):
    __slots__ = ("redirect_uri",)
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    redirect_uri: str
    def __init__(self, redirect_uri: _Optional[str] = ...) -> None: ...

class CheckAuthorizationRequest(_message.Message):
    __slots__ = ("parameters", "prompted")
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PROMPTED_FIELD_NUMBER: _ClassVar[int]
    parameters: AuthorizationParameters
    prompted: bool
    def __init__(self, parameters: _Optional[_Union[AuthorizationParameters, _Mapping]] = ..., prompted: _Optional[bool] = ...) -> None: ...

class CheckAuthorizationResponse(_message.Message):
    __slots__ = ("client_id", "client_name", "redirect_uri", "scopes", "tenant_id", "step", "login_hint", "denied_uri", "confirm", "client_known")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    LOGIN_HINT_FIELD_NUMBER: _ClassVar[int]
    DENIED_URI_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    CLIENT_KNOWN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    client_name: str
    redirect_uri: str
    scopes: _containers.RepeatedCompositeFieldContainer[_device_login_pb2.ConsentScope]
    tenant_id: str
    step: str
    login_hint: str
    denied_uri: str
    confirm: bool
    client_known: bool
    def __init__(self, client_id: _Optional[str] = ..., client_name: _Optional[str] = ..., redirect_uri: _Optional[str] = ..., scopes: _Optional[_Iterable[_Union[_device_login_pb2.ConsentScope, _Mapping]]] = ..., tenant_id: _Optional[str] = ..., step: _Optional[str] = ..., login_hint: _Optional[str] = ..., denied_uri: _Optional[str] = ..., confirm: _Optional[bool] = ..., client_known: _Optional[bool] = ...) -> None: ...
