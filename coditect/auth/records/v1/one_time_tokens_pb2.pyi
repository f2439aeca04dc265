import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OneTimeTokenRecord(_message.Message):
    __slots__ = ("token_id", "purpose", "address_digest", "user_id", "token_hash", "code_mac", "wrong_codes", "create_time", "expire_time", "payload")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_HASH_FIELD_NUMBER: _ClassVar[int]
    CODE_MAC_FIELD_NUMBER: _ClassVar[int]
    WRONG_CODES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    purpose: str
    address_digest: bytes
    user_id: str
    token_hash: bytes
    code_mac: bytes
    wrong_codes: int
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    payload: bytes
    def __init__(self, token_id: _Optional[str] = ..., purpose: _Optional[str] = ..., address_digest: _Optional[bytes] = ..., user_id: _Optional[str] = ..., token_hash: _Optional[bytes] = ..., code_mac: _Optional[bytes] = ..., wrong_codes: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., payload: _Optional[bytes] = ...) -> None: ...
