"""The page /oauth/device."""

from dataclasses import replace

import pytest

from kernel.identity.callers import Role
from services.auth.authorizations.errors import AccessDenied
from services.auth.device_login.wrong_codes import PER_USER
from services.auth.logins.model import LoginLimits
from services.auth.oauth_pages import browser
from tests.services.auth.device_login.harness import DEVICE, Devices
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness
from tests.services.auth.oauth_pages.harness import OAuthPages, Surfer


@pytest.fixture
def devices(pages: OAuthPages) -> Devices:
    """The devices of the pages."""
    return pages.devices


async def test_a_device_is_let_in(surfer: Surfer, devices: Devices, harness: AuthHarness) -> None:
    """The user logs in, types the code, sees what asks, and allows it."""
    ada = await harness.register()
    device = await devices.start(scope="sessions:read")
    assert (await surfer.open_device()).title == "Log in"
    assert (await surfer.log_in()).title == "Let a device in"
    asked = await surfer.press("look", user_code=device.user_code.lower())
    assert asked.title == "Let this device in?"
    for text in (device.user_code, "Coditect CLI", DEVICE["x-forwarded-for"], "coditect-cli/5.0"):
        assert text in asked.text
    assert "See your workspace sessions." in asked.text
    assert "another network" in asked.text
    done = await surfer.press("approve")
    assert done.title == "The device is let in"
    assert (await devices.ask(device)).user.user_id == ada.user.user_id


async def test_a_device_is_refused(surfer: Surfer, devices: Devices, harness: AuthHarness) -> None:
    """The user presses the other button."""
    await harness.register()
    device = await devices.start()
    await surfer.open_device()
    await surfer.log_in()
    await surfer.press("look", user_code=device.user_code)
    assert (await surfer.press("deny")).title == "The device is refused"
    with pytest.raises(AccessDenied):
        await devices.ask(device)


async def test_a_login_that_is_too_old_for_the_tenant(
    surfer: Surfer, devices: Devices, harness: AuthHarness
) -> None:
    """The page asks the user to log in again, and then lets the device in."""
    ada = await harness.register()
    tenant = harness.memberships.put(ada.user.user_id, Role.MEMBER)
    harness.memberships.of[ada.user.user_id, tenant.tenant_id] = replace(
        tenant, limits=LoginLimits(life=3600)
    )
    await surfer.open_device()
    await surfer.log_in()
    harness.clock.advance(seconds=3600)
    device = await devices.start()
    await surfer.open_device()
    await surfer.press("look", user_code=device.user_code)
    asked = await surfer.press("approve", tenant_id=str(tenant.tenant_id))
    assert asked.title == "Log in"
    assert (await surfer.log_in()).title == "Let this device in?"
    done = await surfer.press("approve", tenant_id=str(tenant.tenant_id))
    assert done.title == "The device is let in"


async def test_a_link_with_the_code(surfer: Surfer, devices: Devices, harness: AuthHarness) -> None:
    """It fills the code in, and looks nothing up before the user presses a button."""
    await harness.register()
    device = await devices.start()
    await surfer.open_device(device.user_code)
    assert (await surfer.log_in()).title == "Let this device in?"
    again = await surfer.open_device(device.user_code)
    assert (again.title, again.form("look")["user_code"]) == ("Let a device in", device.user_code)
    for _ in range(2 * PER_USER):
        assert (await surfer.open_device("ZZZZ-ZZZZ")).status == 200
    assert (await surfer.press("look", user_code=device.user_code)).title == "Let this device in?"


async def test_a_wrong_code(surfer: Surfer, harness: AuthHarness) -> None:
    """The page says so; after too many, that and when codes are looked up again."""
    await harness.register()
    await surfer.open_device()
    await surfer.log_in()
    for _ in range(PER_USER):
        again = await surfer.press("look", user_code="ZZZZ-ZZZZ")
        assert (again.status, again.title) == (404, "Let a device in")
        assert "No device is waiting" in again.text
    stopped = await surfer.press("look", user_code="ZZZZ-ZZZZ")
    assert (stopped.status, "Too many wrong codes" in stopped.text) == (429, True)
    assert int(stopped.page.headers["retry-after"]) > 0


async def test_a_device_beside_the_browser(
    surfer: Surfer, devices: Devices, harness: AuthHarness
) -> None:
    """It comes without the warning of another network."""
    await harness.register()
    device = await devices.start(address="192.0.2.9")
    await surfer.open_device(device.user_code)
    assert "another network" not in (await surfer.log_in()).text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_a_form_of_another_origin(
    surfer: Surfer, devices: Devices, harness: AuthHarness, origin: str
) -> None:
    """It lets no device in, looks nothing up, and counts nothing."""
    await harness.register()
    device = await devices.start()
    await surfer.open_device(device.user_code)
    asked = await surfer.log_in()
    for step in ("approve", "deny", "switch"):
        surfer.screen = asked
        assert (await surfer.press(step, origin=origin)).status == 403
    for _ in range(2 * PER_USER):
        fields = {"step": "look", "user_code": "ZZZZ-ZZZZ", "form_token": "x"}
        assert (await surfer.post(fields, origin=origin)).status == 403
    await surfer.open_device()
    assert (await surfer.press("look", user_code=device.user_code)).status == 200


async def test_a_form_for_another_device(
    surfer: Surfer, devices: Devices, harness: AuthHarness
) -> None:
    """What the user was shown is what is let in."""
    await harness.register()
    mine, theirs = await devices.start(), await devices.start()
    await surfer.open_device(mine.user_code)
    await surfer.log_in()
    refused = await surfer.press("approve", user_code=theirs.user_code)
    assert (refused.status, refused.title) == (403, "Let a device in")


async def test_the_token_of_another_session(
    pages: OAuthPages, surfer: Surfer, devices: Devices, harness: AuthHarness
) -> None:
    """An attacker cannot have the user's browser let their device in."""
    await harness.register()
    await harness.register("eve@example.com")
    device, attacker = await devices.start(), Surfer(pages)
    await attacker.open_device(device.user_code)
    theirs = (await attacker.log_in("eve@example.com")).form("approve")
    await surfer.open_device()
    looked = (await surfer.log_in()).form("look")
    assert (await surfer.post({**theirs, "step": "approve"})).status == 403
    their_look = (await attacker.open_device()).form("look")
    assert looked["form_token"] != their_look["form_token"]
    forged = {**their_look, "step": "look", "user_code": device.user_code}
    assert (await surfer.post(forged)).status == 403


async def test_a_login_that_has_ended(
    surfer: Surfer, devices: Devices, harness: AuthHarness
) -> None:
    """The user logs in again, and goes on with the same code."""
    ada = await harness.register()
    device = await devices.start()
    await surfer.open_device(device.user_code)
    await surfer.log_in()
    await harness.devices.end_all(harness.call(ada))
    assert (await surfer.press("approve")).title == "Log in"
    assert browser.LOGIN not in surfer.cookies
    again = await surfer.press("login", email=EMAIL, password=PASSWORD)
    assert again.title == "Let this device in?"
    assert (await surfer.press("approve")).title == "The device is let in"


async def test_another_account(surfer: Surfer, devices: Devices, harness: AuthHarness) -> None:
    """It logs in with the same code."""
    await harness.register()
    eve = await harness.register("eve@example.com")
    device = await devices.start()
    await surfer.open_device(device.user_code)
    await surfer.log_in()
    await surfer.press("switch")
    assert "eve@example.com" in (await surfer.log_in("eve@example.com")).text
    await surfer.press("approve")
    assert (await devices.ask(device)).user.user_id == eve.user.user_id
