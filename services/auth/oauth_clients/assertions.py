"""Assertions of clients: short JWTs that a client signs with its own key (`private_key_jwt`, RFC 7523).

Each is for one client, for this server, for an hour at most, and is good once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from services.auth.logins.model import CLOCK_SKEW
from services.auth.oauth_clients import public_keys
from services.auth.oauth_clients.model import OAuthClient, SpentAssertion
from services.auth.oauth_clients.public_keys import KeysInvalid

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""The `client_assertion_type` (RFC 7523, section 2.2)."""
LIFE = timedelta(hours=1)
"""How far in the future an assertion may end: Authlib's end in an hour, and cannot be set to less."""
_MOST_CHARACTERS = 4_096
_MOST_ID_CHARACTERS = 255
_ERRORS = (KeysInvalid, ValueError, TypeError, LookupError, OSError, OverflowError)


class AssertionInvalid(Exception):
    """The assertion does not show who the client is."""


def claimed_client(assertion: str) -> str:
    """The id of the client that an assertion claims to be of; nothing of it is verified.

    Raises `AssertionInvalid`.
    """
    if len(assertion) > _MOST_CHARACTERS:
        raise AssertionInvalid
    from services.auth.oauth_clients import jose  # noqa: PLC0415 - see there

    try:
        subject = jose.unverified_claims(assertion)["sub"]
    except (jose.JoseInvalid, *_ERRORS):
        raise AssertionInvalid from None
    if not isinstance(subject, str) or not _is_unicode(subject):
        raise AssertionInvalid
    return subject


def verified(
    assertion: str, client: OAuthClient, audiences: frozenset[str], now: datetime
) -> SpentAssertion:
    """What must be kept of an assertion of the client, so that it works once.

    Args:
        assertion: The assertion.
        client: The client, which has keys.
        audiences: By what this server is named in `aud`.
        now: The time of the call.

    Raises:
        AssertionInvalid: It is not good.
    """
    try:
        claims = public_keys.verified(assertion, client.jwks)
        end = _end(claims, client, audiences, now)
        assertion_id = claims["jti"]
    except _ERRORS:
        raise AssertionInvalid from None
    if not isinstance(assertion_id, str) or not 0 < len(assertion_id) <= _MOST_ID_CHARACTERS:
        raise AssertionInvalid
    if not _is_unicode(assertion_id):
        raise AssertionInvalid
    digest = sha256(f"{client.client_id}\0{assertion_id}".encode()).digest()
    return SpentAssertion(digest, end + CLOCK_SKEW)


def _end(
    claims: Mapping[str, Any], client: OAuthClient, audiences: frozenset[str], now: datetime
) -> datetime:
    """When an assertion ends. Raises `AssertionInvalid`, and what comes of wrong types."""
    end = _time(claims["exp"])
    begins = [_time(claims[name]) for name in ("iat", "nbf") if name in claims]
    audience = claims["aud"]
    named = audience if isinstance(audience, list) else [audience]
    good = (
        claims["iss"] == claims["sub"] == client.client_id
        # One for another server, too, could have been shown there first.
        and named
        and audiences.issuperset(named)
        and now - CLOCK_SKEW < end <= now + LIFE + CLOCK_SKEW
        and all(begin <= now + CLOCK_SKEW for begin in begins)
    )
    if not good:
        raise AssertionInvalid
    return end


def _is_unicode(text: str) -> bool:
    """Whether a text has no surrogates: JSON can hold half of a character, and UTF-8 cannot."""
    return text.isascii() or all(not "\ud800" <= one <= "\udfff" for one in text)


def _time(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise AssertionInvalid
    return datetime.fromtimestamp(seconds, UTC)
