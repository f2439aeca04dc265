"""The values that a policy can have."""

from collections.abc import Sequence
from dataclasses import replace

from kernel.emails import email_domain
from kernel.fields import Fields
from services.tenants.policies.model import PolicyUpdate

_LEAST_SECONDS = 300
_MOST_SECONDS = 30 * 86_400
_MOST_DOMAINS = 100
_MOST_DAYS = 3_650


def checked(fields: Fields, changes: PolicyUpdate) -> PolicyUpdate:
    """Checks the values that a caller has chosen, and returns them with domains in normal form."""
    _check_seconds(fields, "loginIdleSeconds", changes.login_idle_seconds)
    _check_seconds(fields, "loginLifeSeconds", changes.login_life_seconds)
    if changes.max_token_days and not 1 <= changes.max_token_days <= _MOST_DAYS:
        fields.refuse("maxTokenDays", "OUT_OF_RANGE", f"Must be 0, or 1 to {_MOST_DAYS}.")
    if changes.email_domains is None:
        return changes
    return replace(changes, email_domains=_domains(fields, changes.email_domains))


def _domains(fields: Fields, texts: Sequence[str]) -> tuple[str, ...]:
    """The domains, each once and in the order of the alphabet."""
    if len(texts) > _MOST_DOMAINS:  # bounds the time of the conversion
        fields.refuse("emailDomains", "TOO_MANY", f"Must be {_MOST_DOMAINS} domains at most.")
        return ()
    found = [email_domain(text) for text in texts]
    if None in found:
        fields.refuse("emailDomains", "NOT_A_DOMAIN", "Must be domains of email addresses.")
    return tuple(sorted({domain for domain in found if domain is not None}))


def _check_seconds(fields: Fields, field: str, seconds: int | None) -> None:
    if seconds and not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        description = f"Must be 0, or {_LEAST_SECONDS} to {_MOST_SECONDS}."
        fields.refuse(field, "OUT_OF_RANGE", description)
