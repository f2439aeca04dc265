"""Secrets of webhooks, and what they sign (Standard Webhooks 1.0, "Signature scheme")."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

_PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as its receiver keeps it."""
    return _PREFIX + b64encode(secret).decode()


def signed_headers(
    event_id: UUID, time: datetime, body: bytes, secrets: Sequence[bytes]
) -> dict[str, str]:
    """The headers that say which event it is and when it is sent, with a signature by each secret."""
    second = int(time.timestamp())
    content = f"{event_id}.{second}.".encode() + body
    signatures = (hmac.digest(secret, content, "sha256") for secret in secrets)
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(f"v1,{b64encode(one).decode()}" for one in signatures),
    }
