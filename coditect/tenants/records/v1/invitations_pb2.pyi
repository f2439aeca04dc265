import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InvitationRecord(_message.Message):
    __slots__ = ("tenant_id", "invitation_id", "email", "normalized_email", "role", "token_hash", "create_time", "expire_time", "inviter_id", "email_token_hash")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_HASH_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    INVITER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_TOKEN_HASH_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    invitation_id: str
    email: str
    normalized_email: str
    role: str
    token_hash: bytes
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    inviter_id: str
    email_token_hash: bytes
    def __init__(self, tenant_id: _Optional[str] = ..., invitation_id: _Optional[str] = ..., email: _Optional[str] = ..., normalized_email: _Optional[str] = ..., role: _Optional[str] = ..., token_hash: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., inviter_id: _Optional[str] = ..., email_token_hash: _Optional[bytes] = ...) -> None: ...

class NewInvitationRecord(_message.Message):
    __slots__ = ("invitation_id", "sealed_token")
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    SEALED_TOKEN_FIELD_NUMBER: _ClassVar[int]
    invitation_id: bytes
    sealed_token: bytes
    def __init__(self, invitation_id: _Optional[bytes] = ..., sealed_token: _Optional[bytes] = ...) -> None: ...

class InvitationEmailRecord(_message.Message):
    __slots__ = ("tenant_id", "invitation_id", "inviter_id", "sealed_token")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    INVITATION_ID_FIELD_NUMBER: _ClassVar[int]
    INVITER_ID_FIELD_NUMBER: _ClassVar[int]
    SEALED_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    invitation_id: str
    inviter_id: str
    sealed_token: bytes
    def __init__(self, tenant_id: _Optional[str] = ..., invitation_id: _Optional[str] = ..., inviter_id: _Optional[str] = ..., sealed_token: _Optional[bytes] = ...) -> None: ...

class EmailProofRecord(_message.Message):
    __slots__ = ("proved", "promised")
    PROVED_FIELD_NUMBER: _ClassVar[int]
    PROMISED_FIELD_NUMBER: _ClassVar[int]
    proved: ProvedEmail
    promised: PromisedRole
    def __init__(self, proved: _Optional[_Union[ProvedEmail, _Mapping]] = ..., promised: _Optional[_Union[PromisedRole, _Mapping]] = ...) -> None: ...

class ProvedEmail(_message.Message):
    __slots__ = ("user_id", "normalized_email")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    normalized_email: str
    def __init__(self, user_id: _Optional[str] = ..., normalized_email: _Optional[str] = ...) -> None: ...

class PromisedRole(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...
