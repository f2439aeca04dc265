"""The tokens of one login."""

import base64
import binascii
import json
import time
from dataclasses import asdict, dataclass

from coditect_cli.output import Json


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token with its end in seconds since 1970, and what gets the next one.

    `tenant_id` is the tenant that `coditect switch` has chosen. The server does not remember it, so
    every refresh asks for it.
    """

    access_token: str
    refresh_token: str
    expires_at: float
    lifetime: float
    tenant_id: str | None = None

    def lasts(self, seconds: float) -> bool:
        """Whether the access token is good for that time, or for half of its life if that is less."""
        return time.time() + min(seconds, self.lifetime / 2) < self.expires_at

    def write(self) -> str:
        """The form in which a store keeps them."""
        return json.dumps(asdict(self))


def read(text: str) -> Tokens | None:
    """The tokens that a store has kept; None if that is damaged."""
    try:
        return Tokens(**json.loads(text))
    except (ValueError, TypeError):
        return None


def claims(access_token: str) -> Json:
    """The claims of an access token, only to show them; empty if it is no JWT.

    A client must not rely on the form of a token (RFC 9068, section 6), but this one belongs to the
    product, whose documentation lists the claims. The server checks each token that it is sent.
    """
    parts = access_token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 a JWS has three parts (RFC 7515, section 3.1)
        return {}
    try:
        decoded = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return decoded if isinstance(decoded, dict) else {}
