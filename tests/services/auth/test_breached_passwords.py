"""Breached passwords in a running auth: refused where a password is chosen, and checked at the start."""

import asyncio
from pathlib import Path

import pytest

from coditect.auth.v5 import accounts_pb2
from kernel.errors import InvalidRequest
from kernel.rpc.errors import RemoteError
from kernel.settings import SettingsInvalid
from kernel.storage import Store
from tests.services.auth.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
    registration,
)
from tests.services.auth.server import Auth, running
from tests.support.clock import FixedClock
from tests.support.program import run_program
from tests.support.range_server import range_server, sha1
from tests.support.service import ENVIRON, UNREACHABLE


async def refusal(
    auth: Auth, method: str, request: object, token: str | None = None
) -> dict[str, str]:
    """The reason with which each bad field of a call is refused."""
    with pytest.raises(RemoteError) as error:
        await auth.call(method, request, token)
    assert error.value.reason == "INVALID_REQUEST"
    return {bad.field: bad.reason for bad in error.value.violations}


async def test_a_breached_password_is_refused(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Register and change refuse a password of the file, and one that the service knows."""
    path = tmp_path / "hashes"
    path.write_text(f"{sha1('fifteen characters')}:1\n")
    async with range_server() as server:
        server.counts = {"sixteen characters": 2}
        settings = make_settings(
            BREACHED_PASSWORDS_FILE=str(path), BREACHED_PASSWORDS_URL=server.url
        )
        async with running(store, clock, settings) as auth:
            token = (await auth.register()).tokens.access_token
            for password in ("fifteen characters", "sixteen characters"):
                new = registration("grace@example.com", password)
                assert await refusal(auth, "Register", new) == {"password": "BREACHED"}
                change = accounts_pb2.ChangePasswordRequest(
                    current_password=PASSWORD, new_password=password
                )
                assert await refusal(auth, "ChangePassword", change, token) == {
                    "newPassword": "BREACHED"
                }
            await auth.log_in()
            app = auth.service.app
            found = app.telemetry.registry.get_sample_value(
                "coditect_breached_password_checks_total", {"source": "url", "outcome": "found"}
            )
            assert found == 2


async def test_a_change_knows_the_user(harness: AuthHarness) -> None:
    """A new password cannot be made of the names that the account has."""
    result = await harness.register()
    with pytest.raises(InvalidRequest) as error:
        await harness.password_change.change(harness.call(result), PASSWORD, "Ada Lovelace 1815!")
    assert [bad.reason for bad in error.value.violations] == ["CONTEXT_WORDS"]
    await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)


async def test_a_bad_request_names_the_password_too(auth: Auth) -> None:
    """A password that is made of the names is named beside the other bad fields."""
    request = registration("no address", "Ada Lovelace 1815!")
    assert await refusal(auth, "Register", request) == {
        "email": "NOT_AN_EMAIL", "password": "CONTEXT_WORDS",
    }  # fmt: skip


async def test_a_repeat_is_not_asked_again(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    """A repeated registration gets its first answer, although the password is breached by now."""
    path = tmp_path / "hashes"
    path.write_text(f"{sha1('fifteen characters')}:1\n")
    async with running(store, clock, make_settings(BREACHED_PASSWORDS_FILE=str(path))) as auth:
        first = await auth.register(key="one")
        path.write_text(f"{sha1(PASSWORD)}:1\n")
        assert await auth.register(key="one") == first
        assert (
            await auth.refused("Register", registration("grace@example.com")) == "INVALID_REQUEST"
        )


async def test_auth_does_not_start_with_a_bad_file(tmp_path: Path) -> None:
    """One line names the setting and what is wrong with the file; the exit code is 2."""
    path = tmp_path / "hashes"
    path.write_text(f"{'F' * 40}:1\n{'0' * 40}:1\n")
    environ = {
        **ENVIRON,
        "STORE_URL": f"lmdb://{tmp_path}/store",
        "TENANTS_ADDRESS": UNREACHABLE,
        "SESSIONS_ADDRESS": UNREACHABLE,
        "BREACHED_PASSWORDS_FILE": str(path),
    }
    ended = await asyncio.to_thread(run_program, "services.auth", environ)
    assert (ended.returncode, ended.stderr.splitlines()) == (
        2, ["auth: starting", "auth: BREACHED_PASSWORDS_FILE: must be ordered by hash"],
    )  # fmt: skip


URLS = ["http://example.com/range", "ftp://example.com", "https://", "https://user:hunter2@example.com/range",
        "https://example.com/range?x=1", "https://example.com/#x", "https://exa mple.com", "//example.com", "https://example.com:99999"]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_a_url_must_be_safe(url: str) -> None:
    """Only https is accepted, without credentials, or http to this host; the value is not quoted."""
    with pytest.raises(
        SettingsInvalid, match="BREACHED_PASSWORDS_URL: must be an https URL"
    ) as error:
        make_settings(BREACHED_PASSWORDS_URL=url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["https://api.pwnedpasswords.com/range/", "http://127.0.0.1:80/x", "http://[::1]/range"]
)
def test_good_urls(url: str) -> None:
    """A slash at the end makes no difference."""
    assert make_settings(BREACHED_PASSWORDS_URL=url).breached_passwords_url == url.rstrip("/")
