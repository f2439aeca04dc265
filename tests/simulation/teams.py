"""What people do in organizations: they found one, invite, join, change roles, and remove each other."""

import asyncio
from dataclasses import dataclass, field

from tests.simulation.life import Life
from tests.simulation.people import NEVER, Account, Login, Switch
from tests.simulation.world import Outcome

_ROLES = ("owner", "admin", "member")
_OUTDATED = {
    "ACCESS_TOKEN_REVOKED", "ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_EXPIRED", "TENANT_SUSPENDED"
}  # fmt: skip


@dataclass(eq=False)
class Member:
    """A person in an organization.

    Attributes:
        account: The person.
        roles: Those that may be in force; one if it is certain.
        tokens: Access tokens for the organization, the newest last.
        current: The one to act with; empty if a new one is needed.
        maybe_gone: Whether something that may have removed the person was begun.
        gone_since: When the removal was answered.
    """

    account: Account
    roles: set[str]
    tokens: list[str] = field(default_factory=list)
    current: str = ""
    maybe_gone: bool = False
    gone_since: float = NEVER

    @property
    def certain(self) -> bool:
        """Whether nothing was begun that may have removed the person."""
        return not self.maybe_gone and not self.account.maybe_gone


@dataclass(eq=False)
class Invitation:
    """An invitation whose token was answered.

    Attributes:
        token: The token.
        account: Who is invited.
        accepted_by: Who was answered that it was accepted.
    """

    token: str
    account: Account
    accepted_by: list[Account] = field(default_factory=list)


@dataclass(eq=False)
class Team:
    """An organization.

    Attributes:
        tenant_id: Its id.
        members: Everyone who was answered to be in it, or to have been.
        invitations: Those that were answered.
        suspended: Whether an operator has suspended it.
        lock: Held by what changes members, so that their order is known.
    """

    tenant_id: str
    members: list[Member]
    invitations: list[Invitation] = field(default_factory=list)
    suspended: Switch = field(default_factory=Switch)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def member(self, account: Account) -> Member | None:
        """The membership of a person, if it may be in force."""
        found = [one for one in self.members if one.account is account and one.gone_since == NEVER]
        return found[-1] if found else None


class TeamLife:
    """The acts of one device in the organizations of its person.

    Args:
        life: The device.
        teams: All organizations.
        accounts: Everyone.
    """

    def __init__(self, life: Life, teams: list[Team], accounts: list[Account]) -> None:
        self.life = life
        self.teams = teams
        self.accounts = accounts

    async def act(self, login: Login) -> None:
        """Does something in an organization."""
        life, mine = self.life, [one for one in self.teams if one.member(self.life.account)]
        invited = [
            (team, one)
            for team in self.teams
            for one in team.invitations
            if (not one.accepted_by and one.account is life.account) or life.random.random() < 0.05
        ]
        if invited and life.random.random() < 0.5:
            return await self.accept(login, *life.random.choice(invited))
        if not mine:
            if len(self.teams) < 2:
                await self.found(login)
            return None
        team = life.random.choice(mine)
        acts = (
            self.invite, self.switch, self.look, self.change_role, self.change_role,
            self.remove, self.remove, self.leave_at_once,
        )  # fmt: skip
        return await life.random.choice(acts)(login, team)

    async def begin(self, guest: "TeamLife") -> None:
        """Founds an organization and lets another person in, before anything else."""
        host, other = self.life.account, guest.life.account
        await self.life.register()
        await guest.life.register()
        if not (host.living and other.living):
            return
        await self.found(host.living[0])
        for team in self.teams:
            await self.invite(host.living[0], team, other)
            for invitation in team.invitations:
                await guest.accept(other.living[0], team, invitation)
                await guest.switch(other.living[0], team)
                await self.change_role(host.living[0], team)

    async def found(self, login: Login) -> None:
        """Founds an organization."""
        life = self.life
        found = await life.repeated(
            "tenants.TenantsService/CreateTenant",
            login.tokens[-1],
            name=f"Team {life.world.next_call()}",
        )
        if found.ok:
            tenant_id = found.answer.tenant.tenant_id
            self.teams.append(Team(tenant_id, [Member(life.account, {"owner"})]))

    async def invite(self, login: Login, team: Team, guest: Account | None = None) -> None:
        """Invites someone."""
        life = self.life
        guest = guest or life.random.choice(self.accounts)
        async with team.lock:
            found = await self.call_in(
                "tenants.InvitationsService/CreateInvitation",
                login,
                team,
                email=guest.email,
                role=life.random.choice(("member", "member", "admin")),
            )
        if found is not None and found.ok:
            team.invitations.append(Invitation(found.answer.invitation.token, guest))

    async def accept(self, login: Login, team: Team, invitation: Invitation) -> None:
        """Accepts an invitation: one person can, once."""
        life = self.life
        async with team.lock:
            found = await life.repeated(
                "tenants.InvitationsService/AcceptInvitation",
                login.tokens[-1],
                token=invitation.token,
            )
            if not found.ok:
                return
            if invitation.accepted_by:
                life.broken("an invitation was accepted twice")
            invitation.accepted_by.append(life.account)
            team.members.append(Member(life.account, set(_ROLES)))

    async def switch(self, login: Login, team: Team) -> None:
        """Gets a token for the organization."""
        async with team.lock:
            if (member := team.member(self.life.account)) is not None:
                await self._switch(login, team, member)

    async def _switch(self, login: Login, team: Team, member: Member) -> None:
        life = self.life
        found = await life.call(
            "auth.LoginsService/SwitchTenant", login.tokens[-1], tenant_id=team.tenant_id
        )
        if found.ok:
            member.current = found.answer.tokens.access_token
            member.tokens.append(member.current)
            login.elsewhere.append(member.current)
        elif found.reason == "TENANT_NOT_FOUND" and member.certain:
            life.broken("a member that nobody removed does not find the organization")
        elif found.reason == "TENANT_SUSPENDED" and team.suspended.was_off(found.began):
            life.broken("an organization that is not suspended is refused")

    async def come_back(self, login: Login, team: Team) -> None:
        """Works in an organization with a new token, which is good once it is resumed."""
        async with team.lock:
            if (member := team.member(self.life.account)) is None:
                return
            began, member.current = self.life.world.loop.time(), ""
            await self._switch(login, team, member)
            if member.current:
                found = await self.life.call(
                    "sessions.SessionsService/ListSessions", member.current
                )
                if found.reason == "TENANT_SUSPENDED" and team.suspended.was_off(began):
                    self.life.broken("a new token for an organization that is resumed is refused")

    async def use_suspended(self, team: Team) -> None:
        """Uses tokens for an organization: none is good while it is suspended."""
        life = self.life
        for member in team.members:
            for token in member.tokens[-4:]:
                found = await life.call("sessions.SessionsService/ListSessions", token)
                if found.ok and team.suspended.was_on(found.began):
                    life.broken("a token for a suspended organization is taken")

    async def call_in(
        self, method: str, login: Login, team: Team, **fields: object
    ) -> Outcome | None:
        """Calls a method with a token for the organization; None if there is none to be had."""
        life, me = self.life, team.member(self.life.account)
        if me is None:
            return None
        if not me.current:
            await self._switch(login, team, me)
        if not me.current:
            return None
        found = await life.repeated(method, me.current, tenant_id=team.tenant_id, **fields)
        if found.reason in _OUTDATED:
            me.current = ""
        elif found.reason == "TENANT_NOT_FOUND" and me.certain:
            life.broken("a member that nobody removed does not find the organization")
        return found

    async def look(self, login: Login, team: Team) -> None:
        """Lists the members: everyone who was answered to be in, with the role."""
        async with team.lock:
            found = await self.call_in("tenants.MembersService/ListMembers", login, team)
            if found is not None and found.ok:
                self.check_list(team, {one.user_id: one.role for one in found.answer.members})

    def check_list(self, team: Team, listed: dict[str, str]) -> None:
        """Checks a list of members against what was answered."""
        life = self.life
        # Someone succeeds the last owner whose account is deleted.
        someone_left = any(one.account.maybe_gone for one in team.members)
        if "owner" not in listed.values():
            life.broken("an organization has no owner")
        for member in team.members:
            role = listed.get(member.account.user_id)
            current = team.member(member.account) is member
            if current and member.certain:
                if role is None:
                    life.broken("a member that nobody removed is not listed")
                elif role not in member.roles and not someone_left:
                    life.broken(f"a member is {role}, and was made {member.roles}")
            if role is not None and team.member(member.account) is None:
                life.broken("a member that was removed is listed")

    async def change_role(self, login: Login, team: Team) -> None:
        """Gives another role to someone, most often that of an owner."""
        life = self.life
        async with team.lock:
            member = life.random.choice([one for one in team.members if one.gone_since == NEVER])
            role, before = life.random.choice((*_ROLES, "owner")), set(member.roles)
            member.roles.add(role)
            found = await self.call_in(
                "tenants.MembersService/UpdateMember",
                login,
                team,
                user_id=member.account.user_id,
                role=role,
            )
            if found is None or found.refused:
                member.roles = before
            elif found.ok and not found.repeated:
                member.roles = {role}

    async def remove(self, login: Login, team: Team) -> None:
        """Removes someone, or leaves; then the tokens for the organization are refused."""
        async with team.lock:
            there = [one for one in team.members if one.gone_since == NEVER]
            gone = await self._remove(login, team, self.life.random.choice(there))
        if gone and self.life.world.climate.calm:
            await self.use_lost(team)

    async def leave_at_once(self, login: Login, team: Team) -> None:
        """Two people leave at the same time."""
        async with team.lock:
            me = team.member(self.life.account)
            others = [one for one in team.members if one.gone_since == NEVER and one is not me]
            if me is None or not others:
                return
            other = self.life.random.choice(others)
            logins = [one for one in other.account.logins if not one.maybe_dead]
            if logins:
                guest = TeamLife(Life(self.life.world, other.account), self.teams, self.accounts)
                await asyncio.gather(
                    self._remove(login, team, me), guest._remove(logins[-1], team, other)
                )

    async def _remove(self, login: Login, team: Team, member: Member) -> bool:
        before, member.maybe_gone = member.maybe_gone, True
        found = await self.call_in(
            "tenants.MembersService/RemoveMember", login, team, user_id=member.account.user_id
        )
        if found is None or found.refused:
            member.maybe_gone = before
        elif found.ok:
            member.gone_since = found.ended
        return member.gone_since < NEVER

    async def use_lost(self, team: Team) -> None:
        """Uses the tokens of those who were removed: they are refused."""
        life = self.life
        for member in team.members:
            if member.gone_since == NEVER:
                continue
            for token in member.tokens[-2:]:
                found = await life.call("sessions.SessionsService/ListSessions", token)
                if found.ok:
                    life.broken("the token of a member who was removed is taken")

    async def look_at_last(self) -> None:
        """Looks at every organization of the person, after all troubles."""
        for team in self.teams:
            await self.use_lost(team)
            living = self.life.account.living
            if living and team.member(self.life.account):
                await self.look(living[-1], team)
