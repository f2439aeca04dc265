"""Signatures of Standard Webhooks, checked by its own library and by the example of the documents."""

import base64
import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from tests.services.tenants.harness import TenantsHarness, call
from tests.services.tenants.webhooks.harness import create
from tests.support.clock import FixedClock
from tests.support.receiver import Received, Receiver


def verify(secret: str, got: Received) -> bool:
    """Whether one of the signatures is that of the secret, as the specification says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}."
    digest = hmac.new(key, head.encode() + got.body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return wanted in got.headers["webhook-signature"].split()


async def test_both_secrets_sign_for_a_day(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver, clock: FixedClock
) -> None:
    """A receiver changes over without a pause; after a day only the new one signs."""
    made = await create(harness, ada, acme, receiver.url)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    await harness.webhook_test.send(admin, webhook_id)
    new = (await harness.webhooks.rotate_secret(admin, webhook_id)).secret
    await harness.webhook_test.send(admin, webhook_id)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await harness.webhook_test.send(admin, webhook_id)
    valid = [(verify(made.secret, got), verify(new, got)) for got in receiver.got]
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
