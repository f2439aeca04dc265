from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class RegistrationRecord(_message.Message):
    __slots__ = ("user_id", "login_id", "token_id", "refresh_salt", "request_digest")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    REFRESH_SALT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    user_id: bytes
    login_id: bytes
    token_id: bytes
    refresh_salt: bytes
    request_digest: bytes
    def __init__(self, user_id: _Optional[bytes] = ..., login_id: _Optional[bytes] = ..., token_id: _Optional[bytes] = ..., refresh_salt: _Optional[bytes] = ..., request_digest: _Optional[bytes] = ...) -> None: ...

class PendingRegistrationRecord(_message.Message):
    __slots__ = ("email", "password_hash", "first_name", "last_name", "company", "language")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_HASH_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPANY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    email: str
    password_hash: str
    first_name: str
    last_name: str
    company: str
    language: str
    def __init__(self, email: _Optional[str] = ..., password_hash: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., company: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...
