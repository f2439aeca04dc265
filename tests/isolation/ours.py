"""Our own organization: its people, what they know, and how they are put right again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from tests.end_to_end.person import PASSWORD, Person, log_in, new_person
from tests.end_to_end.team import accept, found, invite, switch

ROLES = ("owner", "admin", "member")
HERE, HOME = "here", "at home"
PEOPLE = tuple(f"{role} {where}" for role in ROLES for where in (HERE, HOME))
"""Each of ours, with a token for our organization and with one for the own tenant."""
NOBODY = "nobody"


@dataclass
class Ours:
    """An organization with an owner, an admin and a member.

    Attributes:
        http: How they call.
        tenant_id: The organization.
        people: Each of them twice, see `PEOPLE`.
        known: What they can send, by what we call it.
    """

    http: httpx.Client
    tenant_id: str
    people: dict[str, Person]
    known: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> Mapping[str, UUID]:
        """All ids, by what we call them."""
        return {
            name: UUID(one) for name, one in self.known.items() if len(one) == len(str(UUID(int=0)))
        }

    def knows(self, who: str) -> Mapping[str, str]:
        """What one of ours can send in one call: also its refresh token, and a text never sent."""
        person = self.people.get(who, self.people[PEOPLE[0]])
        own = {"our refresh token": person.tokens["refreshToken"], "fresh": uuid4().hex}
        return self.known | own

    def remember(self, answer: httpx.Response) -> None:
        """Knows the thing that was made last."""
        data = answer.json()["data"] if answer.status_code == httpx.codes.CREATED else {}
        for field_name, name in (("sessionId", "our session"), ("invitationId", "our invitation")):
            if field_name in data:
                self.known[name] = data[field_name]

    def mend(self) -> None:
        """Undoes what one of ours may rightly do: leave, change a role, suspend, log out."""
        self._enter("owner")
        members = f"/tenants/{self.tenant_id}/members"
        owner = self.people[f"owner {HERE}"]
        listed = owner.call("GET", members).json()["data"]["members"]
        roles = {one["userId"]: one["role"] for one in listed}
        for role in ROLES[1:]:
            person = self.people[f"{role} {HERE}"]
            if person.user_id not in roles:
                self._invite(person, role)
            elif roles[person.user_id] != role:
                changed = owner.call("PATCH", f"{members}/{person.user_id}", {"role": role})
                assert changed.status_code == httpx.codes.OK, changed.text
            self._enter(role)
        for role in ROLES:
            self._go_home(role)

    def _enter(self, role: str) -> None:
        """Has somebody act in the organization, by a new login if it must be."""
        person, path = self.people[f"{role} {HERE}"], f"/tenants/{self.tenant_id}"
        if person.call("GET", f"{path}/members", params={"pageSize": 1}).is_error:
            person.tokens = log_in(self.http, person).tokens
            assert switch(person, self.tenant_id).status_code == httpx.codes.OK
        if person.call("GET", path).json()["data"]["state"] == "suspended":
            assert not person.call("PATCH", path, {"state": "active"}).is_error
            self._enter(role)

    def _go_home(self, role: str) -> None:
        """Has somebody act in the own tenant as well."""
        person = self.people[f"{role} {HOME}"]
        if person.call("GET", "/auth/me").is_error:
            person.tokens = log_in(self.http, person).tokens
            own = person.answer["tenant"]["tenantId"]
            assert switch(person, own).status_code == httpx.codes.OK

    def _invite(self, person: Person, role: str) -> None:
        owner = self.people[f"owner {HERE}"]
        listed = owner.call("GET", f"/tenants/{self.tenant_id}/invitations?pageSize=1000")
        for one in listed.json()["data"]["invitations"]:
            if one["email"].casefold() == person.email.casefold():
                owner.call("DELETE", f"/tenants/{self.tenant_id}/invitations/{one['invitationId']}")
        token = invite(owner, self.tenant_id, person.email, role)["token"]
        self._go_home(role)
        joined = accept(self.people[f"{role} {HOME}"], token)
        assert joined.status_code == httpx.codes.OK, joined.text


def settle_in(http: httpx.Client) -> Ours:
    """Has our people found an organization and open something in it."""
    people = {f"{role} {HERE}": new_person(http, f"{role}@ours.example.com") for role in ROLES}
    owner = people[f"owner {HERE}"]
    tenant_id = found(owner, "Ours")
    ours = Ours(http, tenant_id, people)
    for role in ROLES:
        person = people[f"{role} {HERE}"]
        device = log_in(http, person)
        people[f"{role} {HOME}"] = Person(http, person.email, person.answer, device.tokens)
        if person is not owner:
            token = invite(owner, tenant_id, person.email, role)["token"]
            assert accept(person, token).status_code == httpx.codes.OK
        assert switch(person, tenant_id).status_code == httpx.codes.OK
    ours.known = {"our tenant": tenant_id, "password": PASSWORD} | _of_people(people)
    ours.remember(owner.call("POST", "/sessions", {"name": "ours"}))
    path = f"/tenants/{tenant_id}/invitations"
    ours.remember(owner.call("POST", path, {"email": "g@ours.example.com", "role": "member"}))
    return ours


def _of_people(people: Mapping[str, Person]) -> dict[str, str]:
    found = {}
    for role in ROLES:
        person = people[f"{role} {HERE}"]
        (login, *_) = person.call("GET", "/auth/logins").json()["data"]["logins"]
        found[f"our person {role}"] = person.user_id
        found["our login"] = login["loginId"]
        found["our own tenant"] = person.answer["tenant"]["tenantId"]
        found["our email"] = person.email
    return found
