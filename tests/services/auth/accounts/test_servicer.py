"""The account RPCs over a real channel."""

import json
from typing import Any

import pytest

from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.rpc.errors import RemoteError
from tests.services.auth.fakes import FakeServices
from tests.services.auth.grants.calls import grant
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, registration
from tests.services.auth.server import Auth
from tests.support.clock import FixedClock


async def test_register_answers_with_user_tenant_and_tokens(auth: Auth, clock: FixedClock) -> None:
    """The answer has the user, the self-tenant and tokens; GetMe returns the same user."""
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


async def test_a_refused_registration_names_every_bad_field(auth: Auth) -> None:
    """The error names the fields in their JSON spelling and does not quote their values."""
    with pytest.raises(RemoteError) as error:
        await auth.call("Register", accounts_pb2.RegisterRequest(email="hidden", password="hidden"))
    assert [bad.field for bad in error.value.violations] == [
        "email", "firstName", "lastName", "password",
    ]  # fmt: skip
    assert "hidden" not in str(error.value.violations)


async def test_delete_me_takes_effect_at_once(auth: Auth) -> None:
    """After DeleteMe, auth refuses the account's token and its password."""
    token = (await auth.register()).tokens.access_token
    wrong = accounts_pb2.DeleteMeRequest(password=OTHER_PASSWORD)
    assert await auth.refused("DeleteMe", wrong, token) == "PASSWORD_WRONG"
    await auth.call("DeleteMe", accounts_pb2.DeleteMeRequest(password=PASSWORD), token)
    assert await auth.refused("GetMe", token=token) == "ACCESS_TOKEN_REVOKED"
    login = logins_pb2.LoginRequest(email=EMAIL, password=PASSWORD)
    assert await auth.refused("Login", login) == "BAD_CREDENTIALS"


async def test_change_password_ends_the_other_logins(auth: Auth) -> None:
    """Auth refuses the other login's token at once, and still accepts the caller's."""
    own = (await auth.register()).tokens.access_token
    other = (await auth.log_in()).tokens.access_token
    request = accounts_pb2.ChangePasswordRequest(
        current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    await auth.call("ChangePassword", request, own)
    assert await auth.refused("GetMe", token=other) == "ACCESS_TOKEN_REVOKED"
    assert await auth.refused("GetMe", token=own) == ""
    assert await auth.refused("ChangePassword", request, own) == "PASSWORD_WRONG"


async def test_update_me_distinguishes_empty_from_absent(auth: Auth) -> None:
    """Auth trims and sets the fields given, even to empty if allowed; omitted fields stay."""
    token = (await auth.register()).tokens.access_token
    await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company="Engines"), token)
    answer = await auth.call(
        "UpdateMe", accounts_pb2.UpdateMeRequest(first_name=" Augusta "), token
    )
    assert (answer.user.first_name, answer.user.company) == ("Augusta", "Engines")
    answer = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(company=""), token)
    assert answer.user.company == ""
    empty = accounts_pb2.UpdateMeRequest(first_name="")
    assert await auth.refused("UpdateMe", empty, token) == "INVALID_REQUEST"


async def test_a_user_chooses_the_language_of_emails(auth: Auth) -> None:
    """Without Accept-Language it is English; a language that does not exist is refused."""
    answer = await auth.register()
    token = answer.tokens.access_token
    assert answer.user.language == "en"
    changed = await auth.call("UpdateMe", accounts_pb2.UpdateMeRequest(language="de"), token)
    assert changed.user.language == "de"
    for language in ("fr", "DE", "../en", ""):
        request = accounts_pb2.UpdateMeRequest(language=language)
        assert await auth.refused("UpdateMe", request, token) == "INVALID_REQUEST"
    assert (await auth.call("GetMe", token=token)).user.language == "de"


async def test_a_refused_profile_names_every_bad_field(auth: Auth) -> None:
    """The language is named beside the others."""
    token = (await auth.register()).tokens.access_token
    request = accounts_pb2.UpdateMeRequest(first_name="", language="fr")
    with pytest.raises(RemoteError) as error:
        await auth.call("UpdateMe", request, token)
    assert [bad.field for bad in error.value.violations] == ["firstName", "language"]


async def test_the_idempotency_key_header_makes_a_retry(auth: Auth) -> None:
    """The same request gets the same answer; auth refuses a different request or a long key."""
    first = await auth.register(key="key")
    assert await auth.register(key="key") == first
    for other in (
        registration(password=OTHER_PASSWORD),
        registration(first_name="Eve"),
    ):
        assert await auth.refused("Register", other, key="key") == "IDEMPOTENCY_KEY_REUSED"
    assert await auth.refused("Register", registration(), key="x" * 129) == (
        "IDEMPOTENCY_KEY_INVALID"
    )


async def test_the_key_of_a_registration_belongs_to_its_address(auth: Auth) -> None:
    """Two users can register different addresses with the same key."""
    first, second = [await auth.register(email, key="1") for email in ("a@x.de", "b@x.de")]
    assert first.user.user_id != second.user.user_id


async def test_an_idempotency_key_belongs_to_one_user(auth: Auth) -> None:
    """Two users can send the same request with the same key."""
    tokens = [(await auth.register(email)).tokens.access_token for email in ("a@x.de", "b@x.de")]
    request = accounts_pb2.UpdateMeRequest(first_name="New")
    for email, token in zip(("a@x.de", "b@x.de"), tokens, strict=True):
        answer = await auth.call("UpdateMe", request, token, key="key")
        assert (answer.user.email, answer.user.first_name) == (email, "New")


async def exported(auth: Auth, token: str) -> list[dict[str, Any]]:
    """The lines of a user's export."""
    metadata = (("authorization", f"Bearer {token}"),)
    parts = [
        part async for part in auth.stub.ExportMe(accounts_pb2.ExportMeRequest(), metadata=metadata)
    ]
    assert {part.content_type for part in parts} == {"application/x-ndjson"}
    text = b"".join(part.data for part in parts).decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


async def test_export_me_returns_every_line(auth: Auth, fakes: FakeServices) -> None:
    """The export has user, logins, grants, security log, and all pages of the others; no hash."""
    token = (await auth.register()).tokens.access_token
    await auth.log_in()
    await grant(auth, token)
    fakes.kept["tenants"] = [['{"kind":"tenant","name":"Acme"}'], [], ['{"kind":"auditEntry"}']]
    fakes.kept["sessions"] = [['{"kind":"session"}'], ['{"kind":"session"}']]
    lines = await exported(auth, token)
    assert [line["kind"] for line in lines] == [
        "user", "login", "login", "grant",
        "securityEvent", "securityEvent", "securityEvent", "securityEvent",
        "securityEvent", "securityEvent",
        "tenant", "auditEntry", "session", "session",
    ]  # fmt: skip
    assert lines[0]["email"] == "Ada@Example.com"
    assert sorted(line["current"] for line in lines[1:3]) == [False, True]
    assert (lines[3]["clientId"], lines[3]["current"]) == ("coditect-cli", False)
    assert [line["event"] for line in lines[4:10]] == [
        "account.exported", "program.authorized", "program.approved",
        "login.started", "login.started", "account.created",
    ]  # fmt: skip
    assert "argon2" not in json.dumps(lines)


async def test_export_me_fails_if_tenants_fails(auth: Auth, fakes: FakeServices) -> None:
    """The export ends with an error, so that the client does not take it for complete."""
    token = (await auth.register()).tokens.access_token
    fakes.failures = 100
    with pytest.raises(Exception, match="cannot be looked up"):
        await exported(auth, token)
