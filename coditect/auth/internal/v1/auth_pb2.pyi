import datetime

from coditect.access.v1 import access_pb2 as _access_pb2
from coditect.field.v1 import field_pb2 as _field_pb2
from coditect.method.v1 import method_pb2 as _method_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetUserProfileRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class GetUserProfileResponse(_message.Message):
    __slots__ = ("email", "normalized_email", "first_name", "last_name", "profile_revision", "email_verified")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_REVISION_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    email: str
    normalized_email: str
    first_name: str
    last_name: str
    profile_revision: int
    email_verified: bool
    def __init__(self, email: _Optional[str] = ..., normalized_email: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., profile_revision: _Optional[int] = ..., email_verified: _Optional[bool] = ...) -> None: ...

class ProveEmailRequest(_message.Message):
    __slots__ = ("user_id", "normalized_email")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    normalized_email: str
    def __init__(self, user_id: _Optional[str] = ..., normalized_email: _Optional[str] = ...) -> None: ...

class ProveEmailResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RevokeTenantTokensRequest(_message.Message):
    __slots__ = ("tenant_id", "user_id", "tenant_epoch")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_EPOCH_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    user_id: str
    tenant_epoch: int
    def __init__(self, tenant_id: _Optional[str] = ..., user_id: _Optional[str] = ..., tenant_epoch: _Optional[int] = ...) -> None: ...

class RevokeTenantTokensResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EraseTenantRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class EraseTenantResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AppendOperatorEventRequest(_message.Message):
    __slots__ = ("event_id", "time", "operator_id", "act", "tenant_id", "user_id", "reason", "address", "user_agent")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_ID_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    time: _timestamp_pb2.Timestamp
    operator_id: str
    act: str
    tenant_id: str
    user_id: str
    reason: str
    address: str
    user_agent: str
    def __init__(self, event_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., operator_id: _Optional[str] = ..., act: _Optional[str] = ..., tenant_id: _Optional[str] = ..., user_id: _Optional[str] = ..., reason: _Optional[str] = ..., address: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class AppendOperatorEventResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EndSessionTokensRequest(_message.Message):
    __slots__ = ("user_id", "session_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    session_id: str
    def __init__(self, user_id: _Optional[str] = ..., session_id: _Optional[str] = ...) -> None: ...

class EndSessionTokensResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
