from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class GetAuthorizationServerRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOpenIdConfigurationRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetProtectedResourceRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetProtectedResourceOfApiRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AuthorizationServerMetadata(_message.Message):
    __slots__ = ("issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "pushed_authorization_request_endpoint", "revocation_endpoint", "introspection_endpoint", "userinfo_endpoint", "registration_endpoint", "jwks_uri", "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported", "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_methods_supported", "revocation_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_methods_supported", "introspection_endpoint_auth_signing_alg_values_supported", "code_challenge_methods_supported", "require_pushed_authorization_requests", "authorization_response_iss_parameter_supported", "client_id_metadata_document_supported", "subject_types_supported", "id_token_signing_alg_values_supported", "claims_supported", "acr_values_supported", "prompt_values_supported", "ui_locales_supported", "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported")
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    DEVICE_AUTHORIZATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    PUSHED_AUTHORIZATION_REQUEST_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    INTROSPECTION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    USERINFO_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    JWKS_URI_FIELD_NUMBER: _ClassVar[int]
    SCOPES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_TYPES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_MODES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    GRANT_TYPES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ENDPOINT_AUTH_SIGNING_ALG_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_ENDPOINT_AUTH_METHODS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_ENDPOINT_AUTH_SIGNING_ALG_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    INTROSPECTION_ENDPOINT_AUTH_METHODS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    INTROSPECTION_ENDPOINT_AUTH_SIGNING_ALG_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    CODE_CHALLENGE_METHODS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_PUSHED_AUTHORIZATION_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_RESPONSE_ISS_PARAMETER_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_METADATA_DOCUMENT_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_TYPES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    ID_TOKEN_SIGNING_ALG_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    ACR_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    PROMPT_VALUES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    UI_LOCALES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_PARAMETER_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_PARAMETER_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_URI_PARAMETER_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str
    pushed_authorization_request_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    userinfo_endpoint: str
    registration_endpoint: str
    jwks_uri: str
    scopes_supported: _containers.RepeatedScalarFieldContainer[str]
    response_types_supported: _containers.RepeatedScalarFieldContainer[str]
    response_modes_supported: _containers.RepeatedScalarFieldContainer[str]
    grant_types_supported: _containers.RepeatedScalarFieldContainer[str]
    token_endpoint_auth_methods_supported: _containers.RepeatedScalarFieldContainer[str]
    token_endpoint_auth_signing_alg_values_supported: _containers.RepeatedScalarFieldContainer[str]
    revocation_endpoint_auth_methods_supported: _containers.RepeatedScalarFieldContainer[str]
    revocation_endpoint_auth_signing_alg_values_supported: _containers.RepeatedScalarFieldContainer[str]
    introspection_endpoint_auth_methods_supported: _containers.RepeatedScalarFieldContainer[str]
    introspection_endpoint_auth_signing_alg_values_supported: _containers.RepeatedScalarFieldContainer[str]
    code_challenge_methods_supported: _containers.RepeatedScalarFieldContainer[str]
    require_pushed_authorization_requests: bool
    authorization_response_iss_parameter_supported: bool
    client_id_metadata_document_supported: bool
    subject_types_supported: _containers.RepeatedScalarFieldContainer[str]
    id_token_signing_alg_values_supported: _containers.RepeatedScalarFieldContainer[str]
    claims_supported: _containers.RepeatedScalarFieldContainer[str]
    acr_values_supported: _containers.RepeatedScalarFieldContainer[str]
    prompt_values_supported: _containers.RepeatedScalarFieldContainer[str]
    ui_locales_supported: _containers.RepeatedScalarFieldContainer[str]
    claims_parameter_supported: bool
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    def __init__(self, issuer: _Optional[str] = ..., authorization_endpoint: _Optional[str] = ..., token_endpoint: _Optional[str] = ..., device_authorization_endpoint: _Optional[str] = ..., pushed_authorization_request_endpoint: _Optional[str] = ..., revocation_endpoint: _Optional[str] = ..., introspection_endpoint: _Optional[str] = ..., userinfo_endpoint: _Optional[str] = ..., registration_endpoint: _Optional[str] = ..., jwks_uri: _Optional[str] = ..., scopes_supported: _Optional[_Iterable[str]] = ..., response_types_supported: _Optional[_Iterable[str]] = ..., response_modes_supported: _Optional[_Iterable[str]] = ..., grant_types_supported: _Optional[_Iterable[str]] = ..., token_endpoint_auth_methods_supported: _Optional[_Iterable[str]] = ..., token_endpoint_auth_signing_alg_values_supported: _Optional[_Iterable[str]] = ..., revocation_endpoint_auth_methods_supported: _Optional[_Iterable[str]] = ..., revocation_endpoint_auth_signing_alg_values_supported: _Optional[_Iterable[str]] = ..., introspection_endpoint_auth_methods_supported: _Optional[_Iterable[str]] = ..., introspection_endpoint_auth_signing_alg_values_supported: _Optional[_Iterable[str]] = ..., code_challenge_methods_supported: _Optional[_Iterable[str]] = ..., require_pushed_authorization_requests: _Optional[bool] = ..., authorization_response_iss_parameter_supported: _Optional[bool] = ..., client_id_metadata_document_supported: _Optional[bool] = ..., subject_types_supported: _Optional[_Iterable[str]] = ..., id_token_signing_alg_values_supported: _Optional[_Iterable[str]] = ..., claims_supported: _Optional[_Iterable[str]] = ..., acr_values_supported: _Optional[_Iterable[str]] = ..., prompt_values_supported: _Optional[_Iterable[str]] = ..., ui_locales_supported: _Optional[_Iterable[str]] = ..., claims_parameter_supported: _Optional[bool] = ..., request_parameter_supported: _Optional[bool] = ..., request_uri_parameter_supported: _Optional[bool] = ...) -> None: ...

class ProtectedResourceMetadata(_message.Message):
    __slots__ = ("resource", "authorization_servers", "jwks_uri", "scopes_supported", "bearer_methods_supported", "resource_name")
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZATION_SERVERS_FIELD_NUMBER: _ClassVar[int]
    JWKS_URI_FIELD_NUMBER: _ClassVar[int]
    SCOPES_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    BEARER_METHODS_SUPPORTED_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_NAME_FIELD_NUMBER: _ClassVar[int]
    resource: str
    authorization_servers: _containers.RepeatedScalarFieldContainer[str]
    jwks_uri: str
    scopes_supported: _containers.RepeatedScalarFieldContainer[str]
    bearer_methods_supported: _containers.RepeatedScalarFieldContainer[str]
    resource_name: str
    def __init__(self, resource: _Optional[str] = ..., authorization_servers: _Optional[_Iterable[str]] = ..., jwks_uri: _Optional[str] = ..., scopes_supported: _Optional[_Iterable[str]] = ..., bearer_methods_supported: _Optional[_Iterable[str]] = ..., resource_name: _Optional[str] = ...) -> None: ...
