"""Webhooks of a team in the console."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.support.receiver import Receiver

NAME = "Staff <b>directory</b>"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver, in a thread of its own."""
    loop, receiver = asyncio.new_event_loop(), Receiver()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(receiver.start(), loop).result()
    yield receiver
    asyncio.run_coroutine_threadsafe(receiver.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_an_admin_makes_a_webhook_and_tests_it(
    owner: Screen, person: Person, acme: str, receiver: Receiver
) -> None:
    """The secret is shown once; the page says what the receiver answers."""
    owner.follow("Webhooks")
    owner.see("The team has no webhooks.")
    owner.press("New webhook")
    owner.fill("Name", NAME)
    owner.fill("URL", "ftp://example.com")
    owner.press("Create")
    owner.see("This must begin with https")
    owner.fill("URL", receiver.url)
    owner.press("Create")
    owner.see_heading("The new secret")
    secret = owner.secret_in("Secret")
    assert secret.startswith("whsec_")
    owner.press("I have kept it")
    owner.see(NAME)
    assert secret not in owner.text() + owner.kept() + "".join(owner.messages)
    owner.press(f"Test: {NAME}")
    owner.see("The receiver took the test.")
    owner.press(f"Failed deliveries: {NAME}")
    owner.see("No delivery was given up.")
    owner.press("Close")
    owner.press(f"Disable: {NAME}")
    owner.see("The webhook is disabled.")
    owner.press(f"Enable: {NAME}")
    owner.see("The webhook is enabled.")
    owner.press(f"Delete: {NAME}")
    owner.press("Delete", within=f"Delete “{NAME}”?")
    owner.see("The webhook has been deleted.")
    path = f"/tenants/{acme}/webhooks"
    assert person.call("GET", path).json()["data"]["webhooks"] == []
