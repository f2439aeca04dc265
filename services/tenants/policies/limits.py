"""The values that a policy can have."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kernel.emails import email_domain
from kernel.fields import Fields
from services.tenants.policies.model import PolicyUpdate

_LEAST_SECONDS = 300
_MOST_SECONDS = 30 * 86_400
_MOST_DOMAINS = 100
_MOST_DAYS = 3_650
_DOMAIN_CHARACTERS = 253  # a longer text is refused, and not converted
_COSTLY_AT_ONCE = 500  # characters of costly domains, which take 10 ms at most


def checked(fields: Fields, changes: PolicyUpdate) -> PolicyUpdate:
    """Checks the values that a caller has chosen, and returns them with domains in normal form.

    A list of 100 costly domains takes half a second: for a call there is `checked_with_pauses`.
    """
    _check_numbers(fields, changes)
    if changes.email_domains is None:
        return changes
    domains = set(_normal_domains(fields, changes.email_domains))
    return replace(changes, email_domains=tuple(sorted(domains)))


async def checked_with_pauses(fields: Fields, changes: PolicyUpdate) -> PolicyUpdate:
    """As `checked`, but other calls go on after each domain."""
    _check_numbers(fields, changes)
    if changes.email_domains is None:
        return changes
    domains = set()
    for domain in _normal_domains(fields, changes.email_domains):
        domains.add(domain)
        await asyncio.sleep(0)
    return replace(changes, email_domains=tuple(sorted(domains)))


def check_at_once(fields: Fields, changes: PolicyUpdate) -> None:
    """Checks what can be checked in a short time, before it is known whether the caller may call.

    It leaves out the costly domains after the first ones.
    """
    _check_numbers(fields, changes)
    if changes.email_domains is not None and _are_few(fields, changes.email_domains):
        for _ in _normal_domains(fields, list(_affordable(changes.email_domains))):
            pass


def is_costly(changes: PolicyUpdate) -> bool:
    """Whether `check_at_once` leaves out any domains."""
    texts = (changes.email_domains or ())[:_MOST_DOMAINS]
    return len(list(_affordable(texts))) < len(texts)


def _normal_domains(fields: Fields, texts: Sequence[str]) -> Iterator[str]:
    """The domains in normal form up to the first bad one: the others would not change the answer."""
    if not _are_few(fields, texts):
        return
    for text in texts:
        domain = email_domain(text)
        if domain is None:
            fields.refuse("emailDomains", "NOT_A_DOMAIN", "Must be domains of email addresses.")
            return
        yield domain


def _are_few(fields: Fields, texts: Sequence[str]) -> bool:
    if len(texts) > _MOST_DOMAINS:  # bounds the time of the conversion
        fields.refuse("emailDomains", "TOO_MANY", f"Must be {_MOST_DOMAINS} domains at most.")
        return False
    return True


def _affordable(texts: Sequence[str]) -> Iterator[str]:
    """The domains without the costly ones that are too much to be converted at once."""
    left = _COSTLY_AT_ONCE
    for text in texts:
        cost = len(text) if _is_costly(text) else 0
        if cost <= left:
            left -= cost
            yield text


def _is_costly(text: str) -> bool:
    """Whether a domain is converted from or to Punycode, in quadratic time."""
    return len(text) <= _DOMAIN_CHARACTERS and (not text.isascii() or "xn--" in text.lower())


def _check_numbers(fields: Fields, changes: PolicyUpdate) -> None:
    _check_seconds(fields, "loginIdleSeconds", changes.login_idle_seconds)
    _check_seconds(fields, "loginLifeSeconds", changes.login_life_seconds)
    if changes.max_token_days and not 1 <= changes.max_token_days <= _MOST_DAYS:
        fields.refuse("maxTokenDays", "OUT_OF_RANGE", f"Must be 0, or 1 to {_MOST_DAYS}.")


def _check_seconds(fields: Fields, field: str, seconds: int | None) -> None:
    if seconds and not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        description = f"Must be 0, or {_LEAST_SECONDS} to {_MOST_SECONDS}."
        fields.refuse(field, "OUT_OF_RANGE", description)
