"""The attacker's organization: its people, what they know, and how their rights are restored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from tests.end_to_end.person import PASSWORD, Person, log_in, new_person
from tests.end_to_end.team import become_member, found, switch

ROLES = ("owner", "admin", "member")
IN_ORGANIZATION, IN_SELF_TENANT = "in the organization", "in the self-tenant"
PEOPLE = tuple(f"{role} {where}" for role in ROLES for where in (IN_ORGANIZATION, IN_SELF_TENANT))
"""Each person twice: with a token for the organization, and one for the self-tenant."""
ANONYMOUS = "anonymous"


@dataclass
class Attacker:
    """An organization with an owner, an admin and a member.

    Attributes:
        http: The client for their calls.
        tenant_id: The organization.
        people: The callers, see `PEOPLE`.
        known: The values that they can send, by name.
    """

    http: httpx.Client
    tenant_id: str
    people: dict[str, Person]
    known: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> Mapping[str, UUID]:
        """All ids by name."""
        return {
            name: UUID(one) for name, one in self.known.items() if len(one) == len(str(UUID(int=0)))
        }

    def knows(self, who: str) -> Mapping[str, str]:
        """What one person can send in one call; includes its refresh token and a fresh random text."""
        person = self.people.get(who, self.people[PEOPLE[0]])
        own = {"attacker refresh token": person.tokens["refreshToken"], "fresh": uuid4().hex}
        return self.known | own

    def remember(self, answer: httpx.Response) -> None:
        """Remembers the id of the session or invitation that a call created."""
        data = answer.json()["data"] if answer.status_code == httpx.codes.CREATED else {}
        for field_name, name in (
            ("sessionId", "attacker session"),
            ("invitationId", "attacker invitation"),
        ):
            if field_name in data:
                self.known[name] = data[field_name]

    def restore(self) -> None:
        """Undoes what the attacker is allowed to do: leave, change a role, suspend, log out."""
        self._act_in_organization("owner")
        members = f"/tenants/{self.tenant_id}/members"
        owner = self.people[f"owner {IN_ORGANIZATION}"]
        listed = owner.call("GET", members).json()["data"]["members"]
        roles = {one["userId"]: one["role"] for one in listed}
        for role in ROLES[1:]:
            person = self.people[f"{role} {IN_ORGANIZATION}"]
            if person.user_id not in roles:
                self._invite(person, role)
            elif roles[person.user_id] != role:
                changed = owner.call("PATCH", f"{members}/{person.user_id}", {"role": role})
                assert changed.status_code == httpx.codes.OK, changed.text
            self._act_in_organization(role)
        for role in ROLES:
            self._act_in_self_tenant(role)

    def _act_in_organization(self, role: str) -> None:
        """Makes sure that a person acts in the organization, with a new login if necessary."""
        person, path = self.people[f"{role} {IN_ORGANIZATION}"], f"/tenants/{self.tenant_id}"
        if person.call("GET", f"{path}/members", params={"pageSize": 1}).is_error:
            person.tokens = log_in(self.http, person).tokens
            assert switch(person, self.tenant_id).status_code == httpx.codes.OK
        if person.call("GET", path).json()["data"]["state"] == "suspended":
            assert not person.call("PATCH", path, {"state": "active"}).is_error
            self._act_in_organization(role)

    def _act_in_self_tenant(self, role: str) -> None:
        """Makes sure that a person also acts in its self-tenant."""
        person = self.people[f"{role} {IN_SELF_TENANT}"]
        if person.call("GET", "/auth/me").is_error:
            person.tokens = log_in(self.http, person).tokens
            own = person.answer["tenant"]["tenantId"]
            assert switch(person, own).status_code == httpx.codes.OK

    def _invite(self, person: Person, role: str) -> None:
        owner = self.people[f"owner {IN_ORGANIZATION}"]
        listed = owner.call("GET", f"/tenants/{self.tenant_id}/invitations?pageSize=1000")
        for one in listed.json()["data"]["invitations"]:
            if one["email"].casefold() == person.email.casefold():
                owner.call("DELETE", f"/tenants/{self.tenant_id}/invitations/{one['invitationId']}")
        self._act_in_self_tenant(role)
        become_member(owner, self.tenant_id, self.people[f"{role} {IN_SELF_TENANT}"], role)


def set_up(http: httpx.Client) -> Attacker:
    """Registers the attacker's people; they create an organization, a session and an invitation."""
    people = {
        f"{role} {IN_ORGANIZATION}": new_person(http, f"{role}@attacker.example.com")
        for role in ROLES
    }
    owner = people[f"owner {IN_ORGANIZATION}"]
    tenant_id = found(owner, "Attacker")
    attacker = Attacker(http, tenant_id, people)
    for role in ROLES:
        person = people[f"{role} {IN_ORGANIZATION}"]
        device = log_in(http, person)
        people[f"{role} {IN_SELF_TENANT}"] = Person(
            http, person.email, person.answer, device.tokens
        )
        if person is not owner:
            become_member(owner, tenant_id, person, role)
        assert switch(person, tenant_id).status_code == httpx.codes.OK
    attacker.known = {"attacker tenant": tenant_id, "password": PASSWORD} | _of_people(people)
    attacker.remember(owner.call("POST", "/sessions", {"name": "attacker"}))
    path = f"/tenants/{tenant_id}/invitations"
    attacker.remember(
        owner.call("POST", path, {"email": "g@attacker.example.com", "role": "member"})
    )
    return attacker


def _of_people(people: Mapping[str, Person]) -> dict[str, str]:
    found = {}
    for role in ROLES:
        person = people[f"{role} {IN_ORGANIZATION}"]
        (login, *_) = person.call("GET", "/auth/logins").json()["data"]["logins"]
        found[f"attacker person {role}"] = person.user_id
        found["attacker login"] = login["loginId"]
        found["attacker self tenant"] = person.answer["tenant"]["tenantId"]
        found["attacker email"] = person.email
    return found
