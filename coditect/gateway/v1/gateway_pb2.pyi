from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
EDGE_FIELD_NUMBER: _ClassVar[int]
edge: _descriptor.FieldDescriptor

class Edge(_message.Message):
    __slots__ = ("created", "accepted", "bare", "credential", "device_cookie", "form")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    BARE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    DEVICE_COOKIE_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    created: bool
    accepted: bool
    bare: bool
    credential: bool
    device_cookie: bool
    form: bool
    def __init__(self, created: _Optional[bool] = ..., accepted: _Optional[bool] = ..., bare: _Optional[bool] = ..., credential: _Optional[bool] = ..., device_cookie: _Optional[bool] = ..., form: _Optional[bool] = ...) -> None: ...
