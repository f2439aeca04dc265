"""Organizations through the whole system."""

from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.person import Person, error_of, new_person


def found(person: Person, **body: str) -> httpx.Response:
    """Creates an organization."""
    return person.call("POST", "/tenants", {"name": "Acme", **body})


def test_an_organization_is_created(http: httpx.Client, person: Person) -> None:
    """The creator sees it with its role, a repeat creates no second one, and a stranger does not find it."""
    slug, key = f"s{uuid4().hex}", {"idempotency-key": "one"}
    made = person.call("POST", "/tenants", {"name": "Acme", "slug": slug}, headers=key)
    again = person.call("POST", "/tenants", {"name": "Acme", "slug": slug}, headers=key)
    tenant = made.json()["data"]

    assert (made.status_code, again.json()["data"]) == (201, tenant)
    assert set(tenant) == {"tenantId", "name", "slug", "kind", "role", "state", "createTime"}
    assert (tenant["slug"], tenant["kind"], tenant["role"]) == (slug, "organization", "owner")
    listed = person.call("GET", "/tenants").json()["data"]["tenants"]
    assert tenant in listed
    assert len(listed) == 2
    taken = found(new_person(http), slug=slug)
    assert (taken.status_code, error_of(taken)["code"]) == (409, "SLUG_TAKEN")
    hidden = new_person(http).call("GET", f"/tenants/{tenant['tenantId']}/members")
    assert (hidden.status_code, error_of(hidden)["code"]) == (404, "TENANT_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "New"}),
        ("DELETE", "", None),
        ("GET", "/members", None),
        ("GET", "/invitations", None),
        ("POST", "/invitations", {"email": "bob@example.com", "role": "member"}),
        ("POST", f"/invitations/{uuid4()}/resend", {}),
        ("DELETE", f"/invitations/{uuid4()}", None),
        ("PATCH", f"/members/{uuid4()}", {"role": "admin"}),
        ("DELETE", f"/members/{uuid4()}", None),
        ("GET", "/audit", None),
    ],
    ids=lambda value: value.split("/")[1] if isinstance(value, str) and "/" in value else None,
)
def test_a_role_takes_an_active_tenant(
    person: Person, method: str, path: str, body: dict[str, str] | None
) -> None:
    """With a token for the self-tenant, not even the owner can act in the organization."""
    tenant_id = found(person).json()["data"]["tenantId"]

    refused = person.call(method, f"/tenants/{tenant_id}{path}", body)

    assert (refused.status_code, error_of(refused)["code"]) == (409, "TENANT_NOT_ACTIVE")


def test_a_self_tenant_is_not_shared(person: Person) -> None:
    """A self-tenant has one member, its owner, and accepts no invitations."""
    own = f"/tenants/{person.answer['tenant']['tenantId']}"
    body = {"email": "bob@example.com", "role": "member"}

    listed = person.call("GET", f"{own}/members").json()["data"]
    refused = person.call("POST", f"{own}/invitations", body)

    assert [(one["userId"], one["role"]) for one in listed["members"]] == [
        (person.user_id, "owner")
    ]
    assert (refused.status_code, error_of(refused)["code"]) == (400, "SELF_TENANT_IMMUTABLE")


def test_an_invalid_invitation_token(person: Person) -> None:
    """An invitation token of no invitation is not found."""
    refused = person.call("POST", "/invitations/accept", {"token": "x" * 43})
    assert (refused.status_code, error_of(refused)["code"]) == (404, "INVITATION_NOT_FOUND")
