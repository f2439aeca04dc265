"""What people do in organizations: they found one, invite, join, change roles, and remove each other."""

import asyncio
from dataclasses import dataclass, field

from tests.simulation.life import Life
from tests.simulation.people import NEVER, Account, Login

_ROLES = ("owner", "admin", "member")


@dataclass(eq=False)
class Member:
    """A person in an organization.

    Attributes:
        account: The person.
        roles: Those that may be in force; one if it is certain.
        tokens: Access tokens for the organization.
        maybe_gone: Whether something that may have removed the person was begun.
        gone_since: When the removal was answered.
    """

    account: Account
    roles: set[str]
    tokens: list[str] = field(default_factory=list)
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
        lock: Held by what changes members, so that their order is known.
    """

    tenant_id: str
    members: list[Member]
    invitations: list[Invitation] = field(default_factory=list)
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
            self.invite, self.switch, self.switch, self.look,
            self.change_role, self.change_role, self.remove, self.remove,
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
        found = await life.call(
            "tenants.InvitationsService/CreateInvitation",
            login.tokens[-1],
            tenant_id=team.tenant_id,
            email=guest.email,
            role=life.random.choice(("member", "member", "admin")),
        )
        if found.ok:
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
        """Gets a token for the organization, and reads the members with it."""
        life = self.life
        async with team.lock:
            member = team.member(life.account)
            if member is None:
                return
            found = await life.call(
                "auth.LoginsService/SwitchTenant", login.tokens[-1], tenant_id=team.tenant_id
            )
            if found.ok:
                member.tokens.append(found.answer.tokens.access_token)
            elif found.reason == "TENANT_NOT_FOUND" and member.certain:
                life.broken("a member that nobody removed does not find the organization")

    async def look(self, login: Login, team: Team) -> None:
        """Lists the members: everyone who was answered to be in, with the role."""
        life = self.life
        async with team.lock:
            me = team.member(life.account)
            if me is None:
                return
            found = await life.call(
                "tenants.MembersService/ListMembers", login.tokens[-1], tenant_id=team.tenant_id
            )
            if not found.ok:
                if found.reason == "TENANT_NOT_FOUND" and me.certain:
                    life.broken("a member that nobody removed does not find the organization")
                return
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
        """Gives another role to someone."""
        life = self.life
        async with team.lock:
            member = life.random.choice([one for one in team.members if one.gone_since == NEVER])
            role, before = life.random.choice(_ROLES), set(member.roles)
            member.roles.add(role)
            found = await life.repeated(
                "tenants.MembersService/UpdateMember",
                login.tokens[-1],
                tenant_id=team.tenant_id,
                user_id=member.account.user_id,
                role=role,
            )
            if found.ok and not found.repeated:
                member.roles = {role}
            elif found.refused:
                member.roles = before

    async def remove(self, login: Login, team: Team) -> None:
        """Removes someone, or leaves."""
        life = self.life
        async with team.lock:
            member = life.random.choice([one for one in team.members if one.gone_since == NEVER])
            before, member.maybe_gone = member.maybe_gone, True
            found = await life.repeated(
                "tenants.MembersService/RemoveMember",
                login.tokens[-1],
                tenant_id=team.tenant_id,
                user_id=member.account.user_id,
            )
            if found.ok:
                member.gone_since = found.ended
            elif found.refused:
                member.maybe_gone = before
        if found.ok and life.world.climate.calm:
            await self.use_lost(team)

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
