"""The way to the pages of the console."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from services.auth.oauth_pages import console
from tests.services.auth.oauth_pages.harness import REQUEST


def test_the_whole_request_goes_along() -> None:
    """With all values of a parameter that may come more than once, and without those that are empty."""
    hard = replace(REQUEST, state="a&b=c#d\r\nset-cookie: e", resource=("https://a", "https://b"))
    page = console.authorize(hard, "de en")
    parts = urlsplit(page.headers["location"])
    assert (page.status, page.html, parts.netloc, parts.path) == (303, "", "", "/authorize")
    assert parse_qsl(parts.query) == [
        ("client_id", REQUEST.client_id),
        ("response_type", "code"),
        ("redirect_uri", REQUEST.redirect_uri),
        ("scope", REQUEST.scope),
        ("state", hard.state),
        ("code_challenge", REQUEST.code_challenge),
        ("code_challenge_method", "S256"),
        ("resource", "https://a"),
        ("resource", "https://b"),
        ("ui_locales", "de en"),
    ]


def test_a_code_goes_along() -> None:
    """As it was typed, and to the same host whatever it is."""
    assert console.device("").headers["location"] == "/device"
    found = console.device("//evil.example/?x=y").headers["location"]
    assert found == "/device?user_code=%2F%2Fevil.example%2F%3Fx%3Dy"
