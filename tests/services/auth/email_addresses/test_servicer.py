"""The methods of email addresses over gRPC: the change of an address, and its undoing."""

import pytest

from coditect.auth.v5 import accounts_pb2, email_addresses_pb2
from kernel.rpc.errors import RemoteError
from tests.services.auth.harness import EMAIL
from tests.services.auth.server import Auth

TOKEN = "x" * 43


async def test_a_change_is_accepted(auth: Auth) -> None:
    """The answer is empty, and the profile stays as it is."""
    token = (await auth.register()).tokens.access_token
    change = email_addresses_pb2.ChangeEmailRequest(new_email="ada@example.org")
    answer = await auth.call("ChangeEmail", change, token)
    assert answer == email_addresses_pb2.ChangeEmailResponse()
    me = await auth.call("GetMe", accounts_pb2.GetMeRequest(), token)
    assert me.user.email == EMAIL


@pytest.mark.parametrize("email", ["", "no address"])
async def test_a_bad_address_is_named(auth: Auth, email: str) -> None:
    """The error names the field."""
    token = (await auth.register()).tokens.access_token
    with pytest.raises(RemoteError) as error:
        await auth.call(
            "ChangeEmail", email_addresses_pb2.ChangeEmailRequest(new_email=email), token
        )
    assert [bad.field for bad in error.value.violations] == ["newEmail"]


async def test_a_change_needs_a_user(auth: Auth) -> None:
    """Without an access token it is refused."""
    change = email_addresses_pb2.ChangeEmailRequest(new_email="ada@example.org")
    assert await auth.refused("ChangeEmail", change) == "ACCESS_TOKEN_MISSING"


@pytest.mark.parametrize("token", [TOKEN, "short", TOKEN * 20])
async def test_a_wrong_undo_is_refused(auth: Auth, token: str) -> None:
    """An unknown token gets one answer, whatever its form."""
    undo = email_addresses_pb2.UndoEmailChangeRequest(token=token)
    assert await auth.refused("UndoEmailChange", undo) == "ONE_TIME_TOKEN_INVALID"
