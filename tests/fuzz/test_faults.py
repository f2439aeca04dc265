"""Faults that are put in on purpose: the targets find each within seconds, so they can find others."""

import random
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest

from tests.fuzz.mutations import changed
from tests.fuzz.target import corpus_of
from tests.fuzz.targets import TARGETS

_MOST = 10_000


def _lenient(text: str) -> bytes:
    """Base64url in any of its spellings."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _always(*_: Any, **__: Any) -> bool:
    return True


FAULTS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "a sealed text has two spellings": ("sealed_texts", "kernel.base64url.decode", _lenient),
    "an access token has two spellings": ("access_tokens", "kernel.base64url.decode", _lenient),
    "any page may ask for a passkey": (
        "passkey_logins",
        "services.auth.passkeys.relying_party.RelyingParty.takes",
        _always,
    ),
    "a redirect URI may have credentials": (
        "redirects",
        "services.auth.oauth_clients.redirect_uris._is_plain",
        _always,
    ),
    "an assertion may have half a character": (
        "client_assertions",
        "services.auth.oauth_clients.assertions._is_unicode",
        _always,
    ),
    "a name in an email may be a link": (
        "emails",
        "services.tenants.invitations.email.shown_name",
        lambda name, _: name,
    ),
    "a terminal obeys a name": ("terminals", "ops.desk.output.printable", str),
    "a webhook may have any URL": (
        "webhook_urls",
        "services.tenants.webhooks.urls.is_good",
        _always,
    ),
    "an id is not checked": ("calls_of_sessions", "kernel.fields.Fields.is_uuid", _always),
}
"""The target that finds it, what is replaced, and by what."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input that breaks the target is among the kept ones and some thousand changes of them."""
    name, place, replacement = FAULTS[fault]
    monkeypatch.setattr(place, replacement)
    with pytest.raises((AssertionError, ValueError, TypeError)):
        _search(name)


def _search(name: str) -> None:
    chance, kept = random.Random(3), corpus_of(name)
    for data in kept:
        TARGETS[name](data)
    for _ in range(_MOST):
        TARGETS[name](changed(chance.choice(kept), kept, chance))
