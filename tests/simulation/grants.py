"""What programs do that people let in by a code, and what they and the people must be answered.

A grant is kept as a login is: what ends all logins of a person ends all grants, too.
"""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

from tests.simulation.life import Life, login_of
from tests.simulation.people import NEVER, Login
from tests.simulation.process import LOGINS_PER_USER
from tests.simulation.teams import Team
from tests.simulation.world import Outcome

_CLIENT = "coditect-cli"
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_POLLS = 3


@dataclass(eq=False)
class Device:
    """A device that has asked to be let in.

    Attributes:
        device_code: What it asks for its tokens with.
        user_code: What it shows.
        answers: How the calls ended that have let it in or refused it.
        grants: What it was given: one grant at most.
    """

    device_code: str
    user_code: str
    answers: list[tuple[bool, Outcome]] = field(default_factory=list)
    grants: list[Login] = field(default_factory=list)

    def may_be(self, *, approved: bool) -> bool:
        """Whether it may have been let in, or may have been refused."""
        return any(kind is approved and not found.refused for kind, found in self.answers)

    def was(self, *, approved: bool) -> bool:
        """Whether it certainly was let in, or refused."""
        return any(kind is approved and found.ok for kind, found in self.answers)


class GrantLife:
    """The acts of a person with programs that were let in by a code, and of these programs.

    Args:
        life: A device of the person.
        teams: All organizations.
    """

    def __init__(self, life: Life, teams: list[Team]) -> None:
        self.life = life
        self.teams = teams
        self.devices: list[Device] = life.account.more.setdefault("devices", [])

    async def act(self, login: Login) -> None:
        """Lets a program in, or does something with one."""
        random, grants = self.life.random, self.life.account.grants
        before, ended = len(grants), [one for one in grants if one.dead_since < NEVER]
        if ended and random.random() < 0.3:
            return await self.life.use_ended(random.choice(ended), self._exchange)
        usable = [one for one in grants if not one.maybe_dead]
        if usable and random.random() < 0.6:
            return await self._go_on(login, random.choice(usable))
        await self.let_in(login)
        if len(grants) > before and not grants[-1].maybe_dead and random.random() < 0.6:
            await self._go_on(login, grants[-1])
        return None

    async def _go_on(self, login: Login, grant: Login) -> None:
        """Does something with a grant that is in force."""
        acts = {
            self.use: 1,
            self.refresh: 4,
            self.steal: 1,
            self.end: 3,
            self.give_up: 1,
            self.ask_again: 1,
        }
        (act,) = self.life.random.choices(list(acts), list(acts.values()))
        await act(login, grant)

    # ── device logins ────────────────────────────────────────────────────────────────────────

    async def let_in(self, login: Login) -> None:
        """A device asks for a code, the person answers, and the device asks for its tokens."""
        life, random = self.life, self.life.random
        found = await life.call("auth.DeviceLoginService/StartDeviceLogin", client_id=_CLIENT)
        if not found.ok:
            return
        device = Device(found.answer.device_code, found.answer.user_code)
        self.devices.append(device)
        if random.random() < 0.2 and (await self._poll(device)).ok:
            life.broken("a device that was not let in has got tokens")
        team = random.choice([None, None, *self.teams])
        alive = login.alive
        kinds = random.choice(((True,), (True,), (True,), (True, True), (True, False), (False,)))
        answers = await asyncio.gather(
            *[self._answer(login, device, team, approve=kind) for kind in kinds]
        )
        device.answers += zip(kinds, answers, strict=True)
        if sum(one.ok for one in answers) > 1:
            life.broken("a device login was answered twice")
        for one in answers:
            life.check_refusal(one, login, alive=alive)
        await self._redeem(login, device, team)

    async def _answer(
        self, login: Login, device: Device, team: Team | None, *, approve: bool
    ) -> Outcome:
        """Lets a device in, or refuses it."""
        where = {} if team is None else {"tenant_id": team.tenant_id}
        return await self.life.call(
            "auth.DeviceLoginService/AnswerDeviceLogin",
            login.tokens[-1],
            user_code=device.user_code,
            approve=approve,
            **where,
        )

    async def _redeem(self, login: Login, device: Device, team: Team | None) -> None:
        """Asks for the tokens of a device: once, twice at once, or until there is an answer."""
        life, account = self.life, self.life.account
        self._make_room()
        began, alive, certain = life.world.loop.time(), login.alive, not account.maybe_gone
        account.unknown_grants += 1
        times = life.random.choice((1, 1, 1, 2))
        found = await asyncio.gather(*[self._poll(device) for _ in range(times)])
        while all(one.unknown for one in found) and len(found) < _POLLS:
            await asyncio.sleep(life.random.uniform(0, 0.3))
            found.append(await self._poll(device))
        if not any(one.unknown for one in found):
            account.unknown_grants -= 1
        given = [one for one in found if one.ok]
        if len(given) > 1:
            life.broken("a grant was given twice for one approval")
        if given:
            self._note_grant(device, given[0], team, began, [one for one in found if not one.ok])
        certain &= alive and login.alive and not account.maybe_gone and team is None
        if certain and device.was(approved=True) and all(one.refused for one in found):
            life.broken(f"a device that was let in is refused: {found[0].reason}")

    def _make_room(self) -> None:
        """Notes that the least recently used grants may end, if there are too many of them."""
        account = self.life.account
        there = [one for one in account.grants if one.dead_since == NEVER]
        if len(there) + account.unknown_grants >= LOGINS_PER_USER:
            for one in there:
                one.maybe_dead = True

    def _note_grant(
        self, device: Device, found: Outcome, team: Team | None, began: float, others: list[Outcome]
    ) -> None:
        """Notes a grant; another question with the same code ends it."""
        life, account, given = self.life, self.life.account, found.answer
        if not device.may_be(approved=True) or device.was(approved=False):
            life.broken("a device that was not let in has got tokens")
        grant = Login(
            account, login_of(given.access_token), [given.access_token], given.refresh_token
        )
        grant.maybe_dead = (
            bool(others)
            or began < account.login_ends.until
            or len(account.grants) + account.unknown_grants >= LOGINS_PER_USER
        )
        for one in others:
            if one.reason == "INVALID_GRANT":
                grant.end(max(one.ended, found.ended))
        device.grants.append(grant)
        account.grants.append(grant)
        member = None if team is None else team.member(account)
        if member is not None:
            member.tokens.append(given.access_token)

    async def _poll(self, device: Device) -> Outcome:
        """Asks for the tokens of a device."""
        return await self.life.call(
            "auth.OAuthService/Token",
            grant_type=_DEVICE_CODE,
            client_id=_CLIENT,
            device_code=device.device_code,
        )

    async def ask_again(self, _: Login, grant: Login) -> None:
        """Asks once more with the code of a grant, which ends it."""
        for device in self.devices:
            if grant in device.grants:
                grant.maybe_dead = True
                found = await self._poll(device)
                if found.ok:
                    self.life.broken("a grant was given twice for one approval")
                if found.reason == "INVALID_GRANT":
                    grant.end(found.ended)

    # ── grants ───────────────────────────────────────────────────────────────────────────────

    async def use(self, _: Login, grant: Login) -> None:
        """Uses the access token of a grant. One for an organization ends with each change in it."""
        tokens = {token for team in self.teams for one in team.members for token in one.tokens}
        alive = grant.alive and grant.tokens[0] not in tokens
        found = await self.life.call("auth.AccountsService/GetMe", grant.tokens[-1])
        self.life.check_refusal(found, grant, alive=alive)

    async def refresh(self, _: Login, grant: Login) -> None:
        """Exchanges the refresh token of a grant."""
        await self.life.renew(grant, self._exchange)

    async def steal(self, _: Login, grant: Login) -> None:
        """Uses a spent refresh token of a grant, which ends it."""
        await self.life.spend_again(grant, self._exchange)

    async def _exchange(self, token: str) -> Outcome:
        """Exchanges a refresh token; the answer is made to look like that of a login."""
        found = await self.life.call(
            "auth.OAuthService/Token",
            grant_type="refresh_token",
            client_id=_CLIENT,
            refresh_token=token,
        )
        if found.ok:
            found.answer = SimpleNamespace(tokens=found.answer)
        return found

    async def end(self, login: Login, grant: Login) -> None:
        """The person takes a grant back."""
        alive, grant.maybe_dead = login.alive, True
        found = await self.life.call(
            "auth.GrantsService/EndGrant", login.tokens[-1], grant_id=grant.login_id
        )
        if found.ok or found.reason == "GRANT_NOT_FOUND":
            grant.end(found.ended)
        elif found.refused:
            self.life.check_refusal(found, login, alive=alive)

    async def give_up(self, _: Login, grant: Login) -> None:
        """The program gives its grant back by one of its tokens.

        An access token changes nothing if it is no longer good itself: one for an organization ends
        with each change of the membership.
        """
        grant.maybe_dead = True
        token = self.life.random.choice((grant.refresh_token, grant.tokens[-1]))
        found = await self.life.call(
            "auth.OAuthService/RevokeToken", client_id=_CLIENT, token=token
        )
        if found.ok and token == grant.refresh_token:
            grant.end(found.ended)

    async def look_at_last(self) -> None:
        """Uses every grant that was ended, and some that were not, after all troubles."""
        grants = self.life.account.grants
        for grant in [one for one in grants if one.dead_since < NEVER]:
            await self.life.use_ended(grant, self._exchange)
        for grant in [one for one in grants if one.alive][:2]:
            await self.life.renew(grant, self._exchange)
