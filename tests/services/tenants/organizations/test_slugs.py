"""The names of organizations in addresses."""

from uuid import UUID

import pytest

from kernel.errors import InvalidRequest
from kernel.fields import Fields
from services.tenants.organizations.slugs import check_slug, slugs_for

TENANT_ID = UUID("12345678-9abc-4def-8000-000000000000")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme", "acme"),
        ("  Acme & Co. KG ", "acme-co-kg"),
        ("Söhne", "sohne"),
        ("株式会社", "team"),
        ("AB", "team-ab"),
        ("Personal", "team-personal"),
        ("Personal Computers", "team-personal-computers"),
        ("x" * 100, "x" * 40),
        ("x" * 39 + " y", "x" * 39),
    ],
)
def test_slugs_of_names(name: str, slug: str) -> None:
    """Every name gives slugs that one could have chosen, with tails of the id if need be."""
    found = slugs_for(name, TENANT_ID)
    assert found[0] == slug
    assert [one[-7:] for one in found[1:]] == ["-123456", "6789abc"]
    fields = Fields()
    for one in found:
        check_slug(fields, one)
    fields.check()


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("ab", "NOT_A_SLUG"),
        ("x" * 41, "NOT_A_SLUG"),
        ("Acme", "NOT_A_SLUG"),
        ("acme_co", "NOT_A_SLUG"),
        ("-acme", "NOT_A_SLUG"),
        ("acme-", "NOT_A_SLUG"),
        ("ac--me", "NOT_A_SLUG"),
        ("söhne", "NOT_A_SLUG"),
        ("", "NOT_A_SLUG"),
        ("acme\n", "NOT_A_SLUG"),
        ("personal-123", "RESERVED"),
    ],
)
def test_bad_slugs(slug: str, reason: str) -> None:
    """Lowercase characters, digits, single hyphens between them; not what self-tenants are called."""
    fields = Fields()
    check_slug(fields, slug)
    with pytest.raises(InvalidRequest) as error:
        fields.check()
    assert [bad.reason for bad in error.value.violations] == [reason]
