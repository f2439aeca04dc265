"""Renders emails to users with Jinja2: subject, text and HTML, in each language.

No word that a person typed is in them, only what this context makes: links, codes, times, families
of programs and IP addresses. HTML is escaped all the same.
"""

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.auth.notifications.language import DEFAULT, FOLDER, LANGUAGES
from services.auth.notifications.model import EmailKind, QueuedEmail
from services.auth.one_time_tokens import codes

PAGES = {
    EmailKind.VERIFY_EMAIL: "verify-email",
    EmailKind.CONFIRM_REGISTRATION: "confirm-registration",
    EmailKind.CHANGE_EMAIL: "change-email",
    EmailKind.CHANGE_REQUESTED: "undo-email",
    EmailKind.RESET_PASSWORD: "reset-password",
    EmailKind.RECOVER_FACTORS: "recover-factors",
    EmailKind.SECOND_FACTOR_ON: "undo-factor",
}
"""The page behind the link of each kind that has one."""

_STRINGS = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - the page escapes


def _pages(*, escape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=escape,  # noqa: S701 - the text of an email is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


_TEXT = _pages(escape=False).get_template("email.txt.jinja")
_HTML = _pages(escape=True).get_template("email.html.jinja")


class RenderedEmail(NamedTuple):
    """An email in one language."""

    subject: str
    text: str
    html: str


def render(email: QueuedEmail, account_link: str) -> RenderedEmail:
    """An email in its language, or in English if that language does not exist.

    Args:
        email: The email, with its secrets if its kind has some.
        account_link: A URL with `{page}` and `{token}`.
    """
    language = email.language if email.language in LANGUAGES else DEFAULT
    words = strings(language)
    common, own = words["common"], words[email.kind.value]
    values = {
        "language": language,
        "subject": own["subject"],
        "greeting": common["greeting"],
        "paragraphs": own["paragraphs"],
        "facts": _facts(email, {**common, **own}),
        "otherwise": own["otherwise"],
        "closing": common["closing"],
        "link": "",
    }
    if email.secrets is not None and email.expire_time is not None:
        code = email.secrets.code
        expiry = common["expiry" if code else "link_expiry"]
        values |= {
            "link": _link(account_link, email.kind, email.secrets.token),
            "action": own["action"],
            "code_text": common["code"],
            "code": codes.shown(code) if code else "",
            "expiry": _filled(expiry, expire_time=_time(email.expire_time, common)),
        }
    return RenderedEmail(own["subject"], _TEXT.render(values), _HTML.render(values))


@cache
def strings(language: str) -> dict[str, dict[str, Any]]:
    """All texts of a language, by section."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def _facts(email: QueuedEmail, common: dict[str, Any]) -> list[str]:
    """When and from where the email was caused, in lines."""
    facts = []
    if email.due_time is not None:
        facts.append(_filled(common["due"], time=_time(email.due_time, common)))
    facts.append(_filled(common["when"], time=_time(email.create_time, common)))
    known = [name for name in ("program", "system") if getattr(email, name)]
    which = {2: "device", 1: "".join(known), 0: "unknown_device"}[len(known)]
    if known or email.address:
        facts.append(_filled(common[which], program=email.program, system=email.system))
    if email.address:
        facts.append(_filled(common["address"], address=email.address))
    return facts


def _time(time: datetime, common: dict[str, Any]) -> str:
    utc = time.astimezone(UTC)
    month = common["months"][utc.month - 1]
    return _filled(
        common["time"], day=str(utc.day), month=month, year=str(utc.year), clock=f"{utc:%H:%M}"
    )


def _filled(text: str, **values: str) -> str:
    return _compiled(text).render(values)


@cache  # as many as there are texts in the files of the languages
def _compiled(text: str) -> Template:
    return _STRINGS.from_string(text)


def _link(account_link: str, kind: EmailKind, token: str) -> str:
    # Not `format`: the rest of the setting may hold braces.
    return account_link.replace("{page}", PAGES[kind]).replace("{token}", token)
