"""Signatures of Standard Webhooks, checked by its own library and by the example of the documents."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from services.tenants.webhooks.signatures import secret_text, signed_headers
from tests.services.tenants.harness import TenantsHarness, call
from tests.services.tenants.webhooks.harness import create
from tests.support.clock import FixedClock
from tests.support.documented import programs
from tests.support.receiver import Received, Receiver


def documented(now: datetime) -> Any:
    """The function of the document, which is told the time."""
    names: dict[str, Any] = {}
    exec(programs("webhooks.md")["Verify a delivery"], names)  # noqa: S102 - as readers copy it
    names["time"] = SimpleNamespace(time=now.timestamp)
    return names["verify"]


def verify(secret: str, got: Received, now: datetime) -> bool:
    """Whether the lines of the document take a delivery."""
    return bool(documented(now)(secret, got.headers, got.body))


def test_the_lines_of_the_document_refuse_what_they_should() -> None:
    """Another body, another secret, and what was sent long ago."""
    event_id, secret, body = UUID(int=7, version=4), b"1" * 32, b"{}"
    now = datetime.fromtimestamp(time.time(), UTC)
    got = Received(signed_headers(event_id, now, body, [secret, b"2" * 32]), body, 204)
    assert verify(secret_text(secret), got, now)
    assert verify(secret_text(b"2" * 32), got, now)
    assert not verify(secret_text(b"3" * 32), got, now)
    assert not verify(secret_text(secret), got._replace(body=b"{} "), now)
    assert not verify(secret_text(secret), got, now + timedelta(minutes=6))


async def test_both_secrets_sign_for_a_day(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """A receiver changes over without a pause; after a day only the new one signs."""
    made = await create(harness, ada, acme, receiver.url)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    await harness.webhook_test.send(admin, webhook_id)
    now = clock.now()
    new = (await harness.webhooks.rotate_secret(admin, webhook_id)).secret
    await harness.webhook_test.send(admin, webhook_id)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await harness.webhook_test.send(admin, webhook_id)
    times = (now, now, clock.now())
    valid = [
        (verify(made.secret, got, at), verify(new, got, at))
        for got, at in zip(receiver.got, times, strict=True)
    ]
    assert valid == [(True, False), (True, True), (False, True)]


async def test_the_library_of_the_specification_verifies(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And refuses a body, an id or a time that was changed."""
    library = pytest.importorskip("standardwebhooks", reason="not among the requirements")
    monkeypatch.setattr(
        library.webhooks.Webhook,
        "_Webhook__verify_timestamp",
        lambda _, seconds: harness.clock.now().fromtimestamp(float(seconds)),
    )
    made = await create(harness, ada, acme, receiver.url)
    admin = call(ada, acme, Role.ADMIN)
    await harness.webhook_test.send(admin, made.state.webhook.webhook_id)
    (got,) = receiver.got
    webhook = library.Webhook(made.secret)
    headers = dict(got.headers)
    assert webhook.verify(got.body, headers)["type"] == "webhook.test"
    for changed in (
        (got.body + b" ", headers),
        (got.body, {**headers, "webhook-id": "x"}),
        (got.body, {**headers, "webhook-timestamp": "1"}),
    ):
        with pytest.raises(library.WebhookVerificationError):
            webhook.verify(*changed)
