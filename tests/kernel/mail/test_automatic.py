"""The mail of a program: one form for all, with a text and perhaps HTML."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from kernel.mail.automatic import automatic_mail
from kernel.mail.message import flattened
from tests.support.clock import START

HTML = "<p>Grüße an <b>alle</b> €</p>"


def made(**given: Any) -> Any:
    """A mail with default values, except for the given ones, as a reader gets it."""
    values: dict[str, Any] = {
        "sender": "Coditect <no-reply@example.com>",
        "to": "ada@example.com",
        "subject": "Hello",
        "mark": "one",
        "now": START,
        "text": "Hello\n",
    }
    return message_from_bytes(
        flattened(automatic_mail(**{**values, **given})).content, policy=default
    )


def test_a_text_alone_is_one_part() -> None:
    """It is sent as it is, with headers that stop automatic replies."""
    mail = made()
    assert (mail.get_content_type(), mail.get_content().split()) == ("text/plain", ["Hello"])
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<one@example.com>", "auto-generated")
    assert mail["Date"].datetime == START


def test_with_html_it_has_two_alternatives() -> None:
    """The text comes first, and every character of both arrives."""
    mail = made(text="Grüße €\n", html=HTML)
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert text.get_content().split() == ["Grüße", "€"]
    assert html["Content-Transfer-Encoding"] == "7bit"
    assert html.get_content().strip() == "<p>Gr&#252;&#223;e an <b>alle</b> &#8364;</p>"


@pytest.mark.parametrize("text", ["--=_alternative\n", "--=_alternative--\n--=_alternative_\n"])
def test_a_text_does_not_end_its_part(text: str) -> None:
    """A text may hold what separates the parts of other mails."""
    mail = made(text=text, html=f"<p>{text}</p>")
    parts = [part.get_content().split() for part in mail.iter_parts()]
    assert parts == [text.split(), f"<p>{text}</p>".split()]


def test_a_sender_with_a_name_in_any_script() -> None:
    """The name of the sender arrives, and the Message-ID is in the domain of the sender."""
    mail = made(sender='"Söhne, Inc." <no-reply@mail.example>')
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Söhne, Inc.", "no-reply@mail.example")
    assert mail["Message-ID"] == "<one@mail.example>"


def test_a_long_line_is_encoded() -> None:
    """No server may break a line of more than 998 characters, such as one with a long link."""
    long = "https://example.com/" + 2_000 * "x"
    mail = made(text=long, html=f"<p>{long}</p>")
    for part in mail.iter_parts():
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert long in part.get_content()


@pytest.mark.parametrize("subject", ["a\nBcc: eve@evil.example", "a\r\n\r\nbody", "=?utf-8?q?x?="])
def test_a_subject_adds_no_header(subject: str) -> None:
    """A subject with line breaks is encoded as text; it is never a header of its own, or a body."""
    mail = made(subject=subject)
    assert mail.keys() == made().keys()
    assert mail.get_content().split() == ["Hello"]
    assert mail["Subject"].split() == subject.split()
