"""The passkey RPCs over a real channel."""

import math

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from coditect.auth.v5 import logins_pb2, passkeys_pb2
from kernel.clock import datetime_of
from services.auth.challenges.challenges import LIFE
from tests.services.auth.server import Auth
from tests.support.authenticator import Authenticator
from tests.support.clock import START


async def test_register_and_log_in(auth: Auth) -> None:
    """Options and credentials pass through the contract as browsers read and write them."""
    token, authenticator = (await auth.register()).tokens.access_token, Authenticator()
    start = await auth.call("StartPasskey", token=token)
    assert datetime_of(start.expire_time) == START + LIFE
    credential = ParseDict(authenticator.create(MessageToDict(start.options)), Struct())
    request = passkeys_pb2.CreatePasskeyRequest(credential=credential, name="Phone")
    created = await auth.call("CreatePasskey", request, token)
    assert (created.factor.kind, created.factor.name) == ("passkey", "Phone")
    assert not created.factor.HasField("last_used_time")
    assert len(created.recovery_codes) == 10
    options = (await auth.call("StartPasskeyLogin")).options
    credential = ParseDict(authenticator.get(MessageToDict(options)), Struct())
    login = logins_pb2.LoginWithPasskeyRequest(credential=credential)
    assert (await auth.call("LoginWithPasskey", login)).user.second_factor
    assert await auth.refused("LoginWithPasskey", login) == "PASSKEY_INVALID"


async def test_objects_that_are_no_credential(auth: Auth) -> None:
    """Neither an empty one is, nor one with numbers that JSON does not have."""
    token = (await auth.register()).tokens.access_token
    no_number = "INVALID_REQUEST"
    for members, reason in (
        ({}, "PASSKEY_INVALID"),
        ({"id": "x", "response": 1}, "PASSKEY_INVALID"),
        ({"id": math.nan}, no_number),
        ({"response": {"clientDataJSON": [math.inf]}}, no_number),
    ):
        credential = Struct()
        credential.update(members)
        request = passkeys_pb2.CreatePasskeyRequest(credential=credential, name="Phone")
        assert await auth.refused("CreatePasskey", request, token) == reason
