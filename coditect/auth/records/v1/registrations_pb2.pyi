from coditect.auth.records.v1 import users_pb2 as _users_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegistrationRecord(_message.Message):
    __slots__ = ("user", "login_id", "token_id", "refresh_salt", "request_digest")
    USER_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_SALT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    user: _users_pb2.UserRecord
    login_id: str
    token_id: str
    refresh_salt: bytes
    request_digest: bytes
    def __init__(self, user: _Optional[_Union[_users_pb2.UserRecord, _Mapping]] = ..., login_id: _Optional[str] = ..., token_id: _Optional[str] = ..., refresh_salt: _Optional[bytes] = ..., request_digest: _Optional[bytes] = ...) -> None: ...
