"""Renders the pages with Jinja2, and says what a browser may do with them.

All values are escaped. A page has no script, and loads nothing: its style is in it, and the policy names
that style by its hash.
"""

import tomllib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kernel.identity import scopes

_FOLDER = Path(__file__).parent
TEXTS = _FOLDER / "texts"
CONTENT_TYPE = "text/html; charset=utf-8"

# It is between two tags of ours: what is trusted here is a file of this repository.
_STYLE = Markup((_FOLDER / "templates" / "style.css").read_text(encoding="utf-8"))  # noqa: S704
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)

Hidden = Sequence[tuple[str, str]]
"""The fields of a form that a person does not see."""


class Page(NamedTuple):
    """A page, as a browser gets it.

    Attributes:
        status: The HTTP status.
        html: The page; empty where the browser goes on to another address.
        headers: The headers, by names in lowercase.
    """

    status: int
    html: str
    headers: Mapping[str, str]


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    """All texts of a language, by section."""
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


def consent_text(language: str, scope: str) -> str:
    """What a user allows with a scope, in a language."""
    return texts(language).get("scopes", {}).get(scope) or scopes.consent(scope)


def error_text(language: str, reason: str) -> str:
    """What is said of an error, by its reason; the same for all of which there is nothing to say."""
    errors = texts(language)["errors"]
    return errors.get(reason) or errors["OTHER"]


def render(
    template: str,
    language: str,
    *,
    status: int = 200,
    answer_to: str = "",
    **values: Any,
) -> Page:
    """A page.

    Args:
        template: The name of its template.
        language: Its language.
        status: Its HTTP status.
        answer_to: The redirect URI that a form on it may lead to; empty for none.
        values: What the template shows.
    """
    given = {"alert": "", "request_id": "", "fields": (), "link": "", **values}
    html = _TEMPLATES.get_template(f"{template}.html.jinja").render(
        t=texts(language), language=language, style=_STYLE, **given
    )
    headers = {
        "content-security-policy": _policy(answer_to),
        "content-language": language,
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        # Not `no-referrer`: the browser would not say either from which page a form comes.
        "referrer-policy": "same-origin",
        "x-frame-options": "DENY",
    }
    return Page(status, html, headers)


def redirect(address: str) -> Page:
    """Sends the browser on, by a GET (RFC 9700, section 4.12)."""
    headers = {
        "location": address,
        "cache-control": "no-store",
        "content-security-policy": _policy(""),
        "referrer-policy": "no-referrer",
    }
    return Page(303, "", headers)


def _policy(answer_to: str) -> str:
    """The Content-Security-Policy of a page."""
    targets = " ".join(["'self'", *([source] if (source := _source(answer_to)) else [])])
    return (
        # The icon is empty, so that browsers ask for none.
        f"default-src 'none'; img-src data:; style-src 'sha256-{_STYLE_HASH}'; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def _source(address: str) -> str:
    """What a policy calls the origin of an address: browsers apply `form-action` to redirects, too."""
    if not address:
        return ""
    url = urlsplit(address)
    plain = url.scheme in {"http", "https"} and url.hostname and ":" not in url.hostname
    if not plain:
        # A private-use scheme (RFC 8252, section 7.1), or an IPv6 literal, for which there is no source.
        return f"{url.scheme}:"
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.hostname}{port}"
