"""The names of organizations in URLs."""

import re
import unicodedata
from uuid import UUID

from kernel.fields import Fields
from services.tenants.memberships.model import SLUG_CHARACTERS

_LEAST = 3
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9]))*")
_OTHER = re.compile(r"[^a-z0-9]+")
_RESERVED = "personal-"  # the beginning of a self-tenant's slug
_NAMELESS = "team"
_TAILS = (6, 12)  # digits of the id, if the name is taken


def check_slug(fields: Fields, slug: str) -> None:
    """Checks a slug that a caller has chosen."""
    if not _LEAST <= len(slug) <= SLUG_CHARACTERS or not _SLUG.fullmatch(slug):
        fields.refuse(
            "slug",
            "NOT_A_SLUG",
            "Must be 3 to 40 lowercase characters and digits, with hyphens between them.",
        )
    elif slug.startswith(_RESERVED):
        fields.refuse("slug", "RESERVED", "Is reserved for self-tenants.")


def slugs_for(name: str, tenant_id: UUID) -> list[str]:
    """Slugs for an organization of that name, the best first. The last one is certainly free."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _OTHER.sub("-", ascii_name).strip("-")
    if len(slug) < _LEAST or f"{slug}-".startswith(_RESERVED):
        slug = f"{_NAMELESS}-{slug}".strip("-")
    tails = [f"-{tenant_id.hex[:digits]}" for digits in _TAILS]
    return [slug[: SLUG_CHARACTERS - len(tail)].strip("-") + tail for tail in ("", *tails)]
