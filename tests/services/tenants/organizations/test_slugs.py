"""The slugs of organizations."""

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
def test_slugs_derived_from_a_name_are_valid(name: str, slug: str) -> None:
    """A user could choose each of them. Those after the first have a suffix of the id."""
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
def test_invalid_and_reserved_slugs_are_refused(slug: str, reason: str) -> None:
    """A slug has a-z, 0-9 and single hyphens inside; self-tenants reserve a prefix."""
    fields = Fields()
    check_slug(fields, slug)
    with pytest.raises(InvalidRequest) as error:
        fields.check()
    assert [bad.reason for bad in error.value.violations] == [reason]
