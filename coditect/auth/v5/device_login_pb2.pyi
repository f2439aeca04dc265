import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.gateway.v1 import gateway_pb2 as _gateway_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartDeviceLoginRequest(_message.Message):
    __slots__ = ("client_id", "scope", "client_secret", "client_assertion", "client_assertion_type")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ASSERTION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ASSERTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    scope: str
    client_secret: str
    client_assertion: str
    client_assertion_type: str
    def __init__(self, client_id: _Optional[str] = ..., scope: _Optional[str] = ..., client_secret: _Optional[str] = ..., client_assertion: _Optional[str] = ..., client_assertion_type: _Optional[str] = ...) -> None: ...

class StartDeviceLoginResponse(_message.Message):
    __slots__ = ("device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval")
    DEVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    USER_CODE_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_URI_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_URI_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int
    def __init__(self, device_code: _Optional[str] = ..., user_code: _Optional[str] = ..., verification_uri: _Optional[str] = ..., verification_uri_complete: _Optional[str] = ..., expires_in: _Optional[int] = ..., interval: _Optional[int] = ...) -> None: ...

class GetDeviceLoginRequest(_message.Message):
    __slots__ = ("user_code",)
    USER_CODE_FIELD_NUMBER: _ClassVar[int]
    user_code: str
    def __init__(self, user_code: _Optional[str] = ...) -> None: ...

class GetDeviceLoginResponse(_message.Message):
    __slots__ = ("client_id", "client_name", "user_agent", "address", "same_network", "scopes", "create_time", "expire_time", "tenant_id", "client_known")
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SAME_NETWORK_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_KNOWN_FIELD_NUMBER: _ClassVar[int]
    client_id: str
    client_name: str
    user_agent: str
    address: str
    same_network: bool
    scopes: _containers.RepeatedCompositeFieldContainer[ConsentScope]
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    tenant_id: str
    client_known: bool
    def __init__(self, client_id: _Optional[str] = ..., client_name: _Optional[str] = ..., user_agent: _Optional[str] = ..., address: _Optional[str] = ..., same_network: _Optional[bool] = ..., scopes: _Optional[_Iterable[_Union[ConsentScope, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tenant_id: _Optional[str] = ..., client_known: _Optional[bool] = ...) -> None: ...

class ConsentScope(_message.Message):
    __slots__ = ("name", "consent")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    consent: str
    def __init__(self, name: _Optional[str] = ..., consent: _Optional[str] = ...) -> None: ...

class AnswerDeviceLoginRequest(_message.Message):
    __slots__ = ("user_code", "approve", "tenant_id")
    USER_CODE_FIELD_NUMBER: _ClassVar[int]
    APPROVE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    user_code: str
    approve: bool
    tenant_id: str
    def __init__(self, user_code: _Optional[str] = ..., approve: _Optional[bool] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class AnswerDeviceLoginResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
