"""What an operator does while people live, and what it and they must be answered.

The operator has an account of its own, with an authenticator app that was set up by the real calls, and
was granted as `python -m ops operators grant` does it. What is known of an act is noted where people
look: in their accounts and organizations.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pyotp

from kernel.errors import ServiceError
from services.auth.operators.errors import NotGranted
from services.auth.operators.granting import Granting
from services.auth.totp.model import STEP_SECONDS
from tests.simulation.chance import START, SimulatedClock
from tests.simulation.life import MOMENT_SECONDS, Act, Life
from tests.simulation.operator_acts import NotedActs
from tests.simulation.people import NEVER, Account, Switch
from tests.simulation.programs import ProgramLife
from tests.simulation.store import SimulatedStore
from tests.simulation.teams import Team, TeamLife
from tests.simulation.world import Outcome, World

_EMAIL = "operator@example.com"
_USERS = "auth.OperatorUsersService"
_TENANTS = "tenants.OperatorTenantsService"
_LATEST_SECONDS = 3.0
"""So long after its answer a call has taken place for certain, once the troubles are over."""


class AuthenticatorApp:
    """An app that shows the codes of a secret, each once.

    Args:
        secret: The secret in base32.
        world: Tells the time.
    """

    def __init__(self, secret: str, world: World) -> None:
        self._codes = pyotp.TOTP(secret)
        self._world = world
        self._last = 0

    async def code(self) -> str:
        """The next code that was not shown before; waits until it is good."""
        self._last = max(self._last + 1, self._present - 1)
        while self._last > self._present + 1:  # noqa: ASYNC110 - nothing really waits
            await asyncio.sleep(1.0)
        return self._codes.generate_otp(self._last)

    @property
    def _present(self) -> int:
        return int(START.timestamp() + self._world.loop.time()) // STEP_SECONDS


class OperatorLife:
    """An operator, who does one thing after the other.

    Args:
        world: Where it happens.
        accounts: The people.
        teams: Their organizations.
    """

    def __init__(self, world: World, accounts: Sequence[Account], teams: list[Team]) -> None:
        self.world = world
        self.random = world.random
        self.accounts = list(accounts)
        self.teams = teams
        self.life = Life(world, Account(_EMAIL, {world.new_password()}))
        self.noted = NotedActs(self.life)
        self._app: AuthenticatorApp | None = None
        self._token = ""

    # ── the operator's own account ───────────────────────────────────────────────────────────

    async def prepare(self) -> None:
        """Makes the account with its app, has it granted, and logs in with two factors."""
        account = self.life.account
        (password,) = account.passwords
        found = await self.life.certainly(
            "auth.AccountsService/Register",
            email=account.email,
            password=password,
            first_name="Grace",
            last_name="Hopper",
        )
        token = found.answer.tokens.access_token if found.ok else ""
        while not await self._set_up(token):
            token = await self._log_in()
        await self._grant()
        while not self._token:
            self._token = await self._log_in()

    async def _set_up(self, token: str) -> bool:
        """Proves the address and sets up the app; returns whether the app is known to be on."""
        if not token:
            return False
        mails = ProgramLife(self.life)
        while not mails.proofs:  # noqa: ASYNC110 - nothing really waits
            await asyncio.sleep(0.1)
        await self.life.certainly(
            "auth.EmailAddressesService/VerifyEmail", token, token=mails.proofs[-1]
        )
        found = await self.life.certainly("auth.TotpService/EnrollTotp", token, name="Phone")
        if not found.ok:
            return False
        self._app = AuthenticatorApp(found.answer.secret, self.world)
        confirmed = await self.life.certainly(
            "auth.TotpService/ConfirmTotp",
            token,
            factor_id=found.answer.factor_id,
            code=await self._app.code(),
        )
        # The token of a call that was not answered ends if the call took place.
        return confirmed.ok or confirmed.reason == "ACCESS_TOKEN_REVOKED"

    async def _log_in(self) -> str:
        """Logs in; returns the access token, or nothing."""
        account = self.life.account
        (password,) = account.passwords
        found = await self.life.certainly(
            "auth.LoginsService/Login", email=account.email, password=password
        )
        if not found.ok or not found.answer.HasField("challenge"):
            return found.answer.tokens.access_token if found.ok else ""
        assert self._app is not None, "only an app asks for a second step"
        found = await self.life.call(
            "auth.LoginsService/LoginWithSecondFactor",
            challenge_token=found.answer.challenge.token,
            code=await self._app.code(),
        )
        return found.answer.tokens.access_token if found.ok else ""

    async def _grant(self) -> None:
        """Makes the account an operator, as the command does it."""
        world, tried = self.world, False
        store = SimulatedStore(world.rows, world.loop.time, world.climate)
        while True:
            try:
                user = await Granting(store, SimulatedClock(world.loop, 0.0)).grant(_EMAIL)
            except NotGranted:
                if not tried:
                    raise
            except ServiceError:
                tried = True
                await asyncio.sleep(0.1)
                continue
            else:
                self.life.account.user_id = str(user.user_id)
            return

    # ── acts ─────────────────────────────────────────────────────────────────────────────────

    async def live(self, until: float) -> None:
        """Does one thing after the other until a time."""
        while self.world.loop.time() < until:
            if (act := self._choose()) is not None:
                await act()
            await asyncio.sleep(self.random.choice((0.01, 0.1, 0.1, 0.5)))

    def _choose(self) -> Act | None:
        """What to do next."""
        known = [one for one in self.accounts if one.user_id]
        if self.teams and self.random.random() < 0.3:
            team = self.random.choice(self.teams)
            return lambda: self._suspend_or_resume(team)
        if not known:
            return None
        account = self.random.choice(known)
        acts = {
            self._disable_or_enable: 5,
            self._hold_or_release: 2,
            self._log_out: 2,
            self._look: 2,
            self._mail_reset: 1,
            self._be_refused: 1,
            self._delete: 0.4,
        }
        (chosen,) = self.random.choices(list(acts), list(acts.values()))
        return lambda: chosen(account)

    async def _do(
        self, method: str, kind: str, changes: tuple[int, int] = (1, 1), **subject: str
    ) -> Outcome:
        """Does something to a user or a tenant, and notes what the log must say of it.

        Args:
            method: The method.
            kind: What the log calls it.
            changes: How many entries it adds if it is acknowledged: at least, and at most.
            subject: The fields of the request but the reason.
        """
        reason = f"Act {self.world.next_call()}"
        found = await self.life.call(method, self._token, reason=reason, **subject)
        self.noted.add(reason, kind, found, changes)
        return found

    def _check_refusal(self, found: Outcome, *, maybe_gone: bool) -> None:
        if found.refused and not (maybe_gone and found.reason.endswith("_NOT_FOUND")):
            self.life.broken(f"an operator is refused: {found.reason}")

    async def _turn(
        self, switch: Switch, method: str, kind: str, *, on: bool, **subject: str
    ) -> Outcome:
        """Turns something on or off, and notes what is known of it then."""
        changes = switch.changes(on=on)
        return await switch.turn(self._do(method, kind, changes, **subject), on=on)

    async def _disable_or_enable(self, account: Account) -> None:
        """Disables an account, or enables one that is disabled; people see it at once."""
        on = account.disabled.was_off(self.world.loop.time())
        if self.random.random() < 0.1:  # in vain
            on = not on
        if on:
            found = await self._ending(account, self._set_disabled(account, on=True), tokens=True)
        else:
            found = await self._set_disabled(account, on=False)
        self._check_refusal(found, maybe_gone=account.maybe_gone)
        if self.random.random() < 0.5:
            await Life(self.world, account).log_in()

    def _set_disabled(self, account: Account, *, on: bool) -> Awaitable[Outcome]:
        method, kind = ("DisableUser", "disabled") if on else ("EnableUser", "enabled")
        return self._turn(
            account.disabled,
            f"{_USERS}/{method}",
            f"user.{kind}",
            on=on,
            user_id=account.user_id,
        )

    async def _log_out(self, account: Account) -> None:
        """Ends all logins of a user, and perhaps the personal tokens."""
        tokens = self.random.random() < 0.5
        call = self._do(
            f"{_USERS}/LogOutUser", "user.logged_out", user_id=account.user_id, tokens=tokens
        )
        found = await self._ending(account, call, tokens=tokens)
        self._check_refusal(found, maybe_gone=account.maybe_gone)

    async def _ending(self, account: Account, call: Awaitable[Outcome], *, tokens: bool) -> Outcome:
        """Waits for a call that ends the logins of a user, and then uses one of them."""
        logins, programs = account.accesses, ProgramLife(Life(self.world, account))
        ended = [one for one in programs.tokens if one.token_id] if tokens else []
        account.doubt_logins()
        account.login_ends.open += 1
        found = await call
        account.login_ends.answered(found)
        if found.ok:
            for login in logins:
                login.end(found.ended)
            for token in ended:
                token.gone_since = min(token.gone_since, found.ended)
            await asyncio.sleep(2 * MOMENT_SECONDS)
            if account.dead:
                await programs.life.use_dead(self.random.choice(account.dead))
            if ended and self.world.climate.calm:
                await programs.check(self.random.choice(ended))
        return found

    async def _hold_or_release(self, account: Account) -> None:
        """Puts an account under a legal hold, or releases one; deletes one that is held."""
        on = account.held.was_off(self.world.loop.time())
        if account.held.was_on(self.world.loop.time()) and self.random.random() < 0.5:
            return await self._delete(account)
        if not on and account.deletion_waits:
            account.doubt_existence()
        method, kind = ("HoldUser", "user.held") if on else ("ReleaseUser", "user.released")
        found = await self._turn(
            account.held, f"{_USERS}/{method}", kind, on=on, user_id=account.user_id
        )
        self._check_refusal(found, maybe_gone=account.maybe_gone)
        return None

    async def _delete(self, account: Account) -> None:
        """Deletes an account, unless what is still under way may make it again."""
        if account.open_registrations:
            return
        before = account.maybe_gone
        # One that waits already waits on: that is no act.
        changes = (0 if account.deletion_waits else 1, 1)
        found = await account.deleted(
            self._do(f"{_USERS}/DeleteUser", "user.deleted", changes, user_id=account.user_id)
        )
        self.life.check_deletion(found, account)
        self._check_refusal(found, maybe_gone=before)

    async def _mail_reset(self, account: Account) -> None:
        """Has a user mailed a link that sets a new password."""
        found = await self._do(
            f"{_USERS}/ResetUserPassword", "user.password_reset", user_id=account.user_id
        )
        self._check_refusal(found, maybe_gone=account.maybe_gone)
        if found.ok:
            account.more["asked"] = True

    async def _look(self, account: Account) -> None:
        """Looks at a user: every act that was answered shows, and none that was refused."""
        found = await self.life.call(f"{_USERS}/GetUser", self._token, user_id=account.user_id)
        self._check_refusal(found, maybe_gone=account.maybe_gone)
        if not found.ok:
            return
        for name, switch in (("disable", account.disabled), ("hold", account.held)):
            shown = found.answer.user.HasField(f"{name}_time")
            if switch.was_on(found.began) and not shown:
                self.life.broken(f"an account that was put under a {name} is shown without one")
            if switch.was_off(found.began) and shown:
                self.life.broken(f"an account is shown with a {name} that it was not put under")

    async def _be_refused(self, account: Account) -> None:
        """Acts on themselves, or acts with the token of a user who is no operator."""
        method, kind = self.random.choice(
            (("DisableUser", "user.disabled"), ("LogOutUser", "user.logged_out"))
        )
        reason = f"Act {self.world.next_call()}"
        token, user_id = self._token, self.life.account.user_id
        if account.logins and (not user_id or self.random.random() < 0.5):
            token, user_id = self.random.choice(account.logins).tokens[-1], account.user_id
        if user_id:
            found = await self.life.call(
                f"{_USERS}/{method}", token, reason=reason, user_id=user_id
            )
            self.noted.add(reason, kind, found, (0, 0))
            if found.ok:
                self.life.broken("an act was done that no operator may do")

    async def _suspend_or_resume(self, team: Team) -> None:
        """Suspends an organization, or resumes one; then its tokens are refused, or new ones good."""
        on = team.suspended.was_off(self.world.loop.time())
        guest = self._member(team)
        if on:
            for login in guest.life.account.living[-1:]:
                await guest.switch(login, team)
        found = await self._set_suspended(team, on=on)
        self._check_refusal(found, maybe_gone=not all(one.certain for one in team.members))
        if found.ok and on and self.world.climate.calm:
            await asyncio.sleep(2 * MOMENT_SECONDS)
            await guest.use_suspended(team)
        if found.ok and not on:
            for login in guest.life.account.living[-1:]:
                await guest.come_back(login, team)

    async def _set_suspended(self, team: Team, *, on: bool) -> Outcome:
        method, kind = ("Suspend", "suspended") if on else ("Resume", "resumed")
        return await self._turn(
            team.suspended,
            f"{_TENANTS}/{method}OperatorTenant",
            f"tenant.{kind}",
            on=on,
            tenant_id=team.tenant_id,
        )

    def _member(self, team: Team) -> TeamLife:
        """Someone in an organization."""
        account = self.random.choice(team.members).account
        return TeamLife(Life(self.world, account), self.teams, self.accounts)

    # ── the end ──────────────────────────────────────────────────────────────────────────────

    async def look_at_last(self) -> None:
        """Reads the log, and takes back what keeps people out, after all troubles."""
        await asyncio.sleep(_LATEST_SECONDS)
        await self._renew()
        await self.noted.check(self._token)
        for team in self.teams:
            await self._member(team).use_suspended(team)
            team.suspended.settle()
            await self._certainly(lambda one=team: self._set_suspended(one, on=False))
        for account in self.accounts:
            if account.user_id:
                await self._let_in(account)

    async def _renew(self) -> None:
        """Logs in again if the token has ended."""
        found = await self.life.certainly("auth.LoginsService/ListLogins", self._token)
        self._token = self._token if found.ok else ""
        while not self._token:
            self._token = await self._log_in()

    async def _let_in(self, account: Account) -> None:
        """Looks at an account once more, sees that it is shut if it is disabled, and enables it."""
        account.disabled.settle()
        account.held.settle()
        await self._look(account)
        if account.disabled.on_since < NEVER:
            await Life(self.world, account).log_in()
        await self._certainly(lambda: self._set_disabled(account, on=False))

    async def _certainly(self, act: Callable[[], Awaitable[Outcome]]) -> None:
        """Does something until it is answered."""
        while (await act()).unknown:  # noqa: ASYNC110 - nothing really waits
            await asyncio.sleep(0.5)
