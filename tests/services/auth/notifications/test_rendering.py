"""Emails to users: complete in every language, in text and HTML, and safe."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import Environment, meta

from services.auth.notifications.language import LANGUAGES
from services.auth.notifications.model import EmailKind, QueuedEmail
from services.auth.notifications.rendering import PAGES, RenderedEmail, render, strings
from services.auth.one_time_tokens.model import Secrets
from tests.services.auth.notifications.harness import LINK, SECRETS, SHOWN_CODE
from tests.support.clock import START

EVERY = [pytest.param(kind, one, id=f"{kind}-{one}") for kind in EmailKind for one in LANGUAGES]


PROOFS = {kind for kind in EmailKind if kind.is_requested}
UNDOS = [EmailKind.CHANGE_REQUESTED, EmailKind.SECOND_FACTOR_ON]


class Document(HTMLParser):
    """Collects the links and the text of an HTML document, and fails if tags do not fit."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a tag."""
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        """Ends the last tag."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes text."""
        self.text += data


def secrets_of(kind: EmailKind) -> Secrets | None:
    """The secrets of an email of a kind: an undo has no code."""
    if kind in UNDOS:
        return SECRETS._replace(code="")
    return SECRETS if kind.has_secrets else None


def rendered(kind: EmailKind, language: str = "en", **given: Any) -> RenderedEmail:
    """An email of a kind with the default values, except for the given ones."""
    values: dict[str, Any] = {
        "kind": kind,
        "to": "ada@example.com",
        "language": language,
        "user_id": None,
        "secrets": secrets_of(kind),
        "expire_time": START + timedelta(hours=1) if kind.has_secrets else None,
        "create_time": START,
        "program": "Firefox",
        "system": "Linux",
        "address": "192.0.2.1",
    }
    return render(QueuedEmail(**{**values, **given}), LINK)


def placeholders(value: object) -> object:
    """A text, list or table with each text replaced by its placeholders."""
    if isinstance(value, dict):
        return {name: placeholders(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(name for one in value for name in _names(one))
    return _names(str(value))


def _names(text: str) -> list[str]:
    return sorted(meta.find_undeclared_variables(Environment(autoescape=True).parse(text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    """The same sections, keys and placeholders as English; no text is empty, none holds HTML."""
    words = strings(language)
    assert placeholders(words) == placeholders(strings("en"))
    assert set(words) == {"common", *(str(kind) for kind in EmailKind)}
    assert len(words["common"]["months"]) == 12
    for section in words.values():
        for value in section.values():
            for text in value if isinstance(value, list) else [value]:
                assert text.strip() == text != ""
                assert "<" not in text


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_kind_renders_in_every_language(kind: EmailKind, language: str) -> None:
    """Text and HTML say the same; a proof holds link, code and expiry, the undo a link, a notice none."""
    email = rendered(kind, language)
    document, text = Document(email.html), " ".join(email.text.split())
    assert email.subject in document.text
    for paragraph in (
        *strings(language)[kind]["paragraphs"],
        *strings(language)[kind]["otherwise"],
    ):
        assert paragraph in text
        assert paragraph in document.text
    link = f"https://app.example.com/{PAGES.get(kind)}#token={SECRETS.token}"
    assert document.links == ([link] if kind.has_secrets else [])
    for body in (text, document.text):
        assert (SHOWN_CODE in body) == (kind in PROOFS)
        assert ("04:04" in body) == kind.has_secrets  # when the secrets end
        assert "03:04" in body  # when it happened
        assert "192.0.2.1" in body
        assert "Firefox" in body
    assert (f"\n    {link}\n" in email.text) == kind.has_secrets
    assert "{" not in text
    assert "\n\n\n" not in email.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", UNDOS)
def test_an_undo_is_a_link_alone(kind: EmailKind, language: str) -> None:
    """The email speaks of no code, because its page takes none."""
    email = rendered(kind, language)
    for body in (email.text, email.html):
        assert "code" not in body.lower()


def test_values_are_escaped_in_html() -> None:
    """Even a value that should never hold markup cannot become some."""
    email = rendered(EmailKind.NEW_DEVICE, program="<b>", address="<script>'\"&")
    assert "<script>" not in email.html
    assert "<b>" not in email.html
    assert "<b> on Linux" in Document(email.html).text
    assert "<script>'\"&" in email.text


def test_values_are_not_templates() -> None:
    """Braces in a value stay what they are."""
    assert "{{ 7 * 7 }}" in rendered(EmailKind.NEW_DEVICE, program="{{ 7 * 7 }}").text


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"program": "", "system": ""}, "Device: unknown"),
        ({"program": ""}, "Device: Linux"),
        ({"system": ""}, "Device: Firefox"),
        ({}, "Device: Firefox on Linux"),
    ],
)
def test_a_device_is_named_as_far_as_known(known: dict[str, str], line: str) -> None:
    """A missing part leaves no gap."""
    assert line in rendered(EmailKind.NEW_DEVICE, **known).text.splitlines()


def test_without_a_device_only_the_time_is_named() -> None:
    """An email that no call caused says when it was caused."""
    email = rendered(EmailKind.NEW_DEVICE, program="", system="", address="")
    assert "Time: 2 January 2030, 03:04 UTC" in email.text
    assert "Device" not in email.text
    assert "IP address" not in email.text


def test_an_unknown_language_gets_english() -> None:
    """A language that a later version had, or a path, names no file."""
    for language in ("fr", "", "../de"):
        assert rendered(EmailKind.NEW_DEVICE, language) == rendered(EmailKind.NEW_DEVICE)
