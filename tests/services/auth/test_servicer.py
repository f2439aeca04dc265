"""Auth over the wire: what callers send and get, and the stream that services follow."""

import pytest

from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.rpc.errors import RemoteError
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD
from tests.services.auth.server import Auth
from tests.support.clock import FixedClock


async def test_registration(auth: Auth, clock: FixedClock) -> None:
    """The answer has the user, its own tenant and its tokens, as the contract draws them."""
    answer = await auth.register()
    assert answer.user.email == EMAIL
    assert (answer.user.first_name, answer.user.last_name) == ("Ada", "Lovelace")
    assert answer.user.create_time.ToSeconds() == int(clock.now().timestamp())
    assert (answer.tenant.kind, answer.tenant.role, answer.tenant.state) == (
        "self", "owner", "active",
    )  # fmt: skip
    assert (answer.tokens.token_type, answer.tokens.expires_in) == ("Bearer", 900)
    me = await auth.call("GetMe", token=answer.tokens.access_token)
    assert me.user == answer.user


async def test_every_bad_field_comes_over_the_wire(auth: Auth) -> None:
    """A refused registration names its fields in JSON spelling and quotes nothing of them."""
    with pytest.raises(RemoteError) as error:
        await auth.call("Register", accounts_pb2.RegisterRequest(email="hidden", password="hidden"))
    assert [bad.field for bad in error.value.violations] == [
        "firstName", "lastName", "email", "password",
    ]  # fmt: skip
    assert "hidden" not in str(error.value.violations)


async def test_a_deleted_account_is_gone_at_once(auth: Auth) -> None:
    """Its tokens are refused and its password opens nothing."""
    token = (await auth.register()).tokens.access_token
    wrong = accounts_pb2.DeleteMeRequest(password=OTHER_PASSWORD)
    assert await auth.refused("DeleteMe", wrong, token) == "PASSWORD_WRONG"
    await auth.call("DeleteMe", accounts_pb2.DeleteMeRequest(password=PASSWORD), token)
    assert await auth.refused("GetMe", token=token) == "ACCESS_TOKEN_REVOKED"
    login = logins_pb2.LoginRequest(email=EMAIL, password=PASSWORD)
    assert await auth.refused("Login", login) == "BAD_CREDENTIALS"


async def test_another_password_ends_the_other_logins(auth: Auth) -> None:
    """The device that changed it stays, the others are out at once."""
    own = (await auth.register()).tokens.access_token
    other = (await auth.log_in()).tokens.access_token
    request = accounts_pb2.ChangePasswordRequest(
        current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    await auth.call("ChangePassword", request, own)
    assert await auth.refused("GetMe", token=other) == "ACCESS_TOKEN_REVOKED"
    assert await auth.refused("GetMe", token=own) == ""
    assert await auth.refused("ChangePassword", request, own) == "PASSWORD_WRONG"


async def test_update_tells_empty_from_absent(auth: Auth) -> None:
    """A field that is there is set, also to nothing; one that is not stays."""
    token = (await auth.register()).tokens.access_token
    await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company="Engines"), token)
    answer = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(first_name="Augusta"), token)
    assert (answer.user.first_name, answer.user.company) == ("Augusta", "Engines")
    answer = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company=""), token)
    assert answer.user.company == ""
    empty = accounts_pb2.UpdateMeRequest(first_name="")
    assert await auth.refused("UpdateMe", empty, token) == "INVALID_REQUEST"
