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

class WorkspaceToken(_message.Message):
    __slots__ = ("token_id", "session_id", "agent", "scopes", "login_id", "parent_token_id", "create_time", "expire_time", "last_used_time")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_TIME_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    session_id: str
    agent: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    login_id: str
    parent_token_id: str
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    last_used_time: _timestamp_pb2.Timestamp
    def __init__(self, token_id: _Optional[str] = ..., session_id: _Optional[str] = ..., agent: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., login_id: _Optional[str] = ..., parent_token_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateWorkspaceTokenRequest(_message.Message):
    __slots__ = ("session_id", "scopes", "agent")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    agent: str
    def __init__(self, session_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., agent: _Optional[str] = ...) -> None: ...

class CreateWorkspaceTokenResponse(_message.Message):
    __slots__ = ("token", "token_id", "expire_time", "scopes", "agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    token_id: str
    expire_time: _timestamp_pb2.Timestamp
    scopes: _containers.RepeatedScalarFieldContainer[str]
    agent: str
    def __init__(self, token: _Optional[str] = ..., token_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., scopes: _Optional[_Iterable[str]] = ..., agent: _Optional[str] = ...) -> None: ...

class ListWorkspaceTokensRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class ListWorkspaceTokensResponse(_message.Message):
    __slots__ = ("workspace_tokens",)
    WORKSPACE_TOKENS_FIELD_NUMBER: _ClassVar[int]
    workspace_tokens: _containers.RepeatedCompositeFieldContainer[WorkspaceToken]
    def __init__(self, workspace_tokens: _Optional[_Iterable[_Union[WorkspaceToken, _Mapping]]] = ...) -> None: ...

class DeleteWorkspaceTokenRequest(_message.Message):
    __slots__ = ("session_id", "token_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    token_id: str
    def __init__(self, session_id: _Optional[str] = ..., token_id: _Optional[str] = ...) -> None: ...

class DeleteWorkspaceTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
