"""What people do with their accounts, and what they must be answered.

Every act notes what its caller knows afterwards. An answer that contradicts what the caller knew before
breaks a promise at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import jwt

from tests.simulation.people import Account, Login
from tests.simulation.process import GRACE_SECONDS, LOGINS_PER_USER, STALE_SECONDS
from tests.simulation.world import BrokenPromise, Outcome, World

_WITHOUT_TOKEN = {"ACCESS_TOKEN_REVOKED", "ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_EXPIRED"}
_SPENT = {"REFRESH_TOKEN_INVALID", "INVALID_GRANT"}
_RETRIES = 4
_SKEW_SECONDS = 5.0
"""By how much the clocks of replicas may differ."""
MOMENT_SECONDS = 0.01
"""How long the services take to hear of an end from another replica of auth, if nothing goes wrong."""
LATE_SECONDS = STALE_SECONDS + 1.0
"""How long after the answer to a logout a token may still be accepted by a service that hears nothing."""

Act = Callable[[], Awaitable[None]]
Exchange = Callable[[str], Awaitable[Outcome]]
"""Exchanges a refresh token for the next tokens."""


class Life:
    """One device of a person, who does one thing after the other.

    Args:
        world: Where it happens.
        account: The person's account.
        more: What else the person does, each with a login.

    Attributes:
        parts: The parts of the life that `more` belongs to.
    """

    def __init__(
        self,
        world: World,
        account: Account,
        more: Sequence[Callable[[Login], Awaitable[None]]] = (),
    ) -> None:
        self.world = world
        self.account = account
        self.random = world.random
        self.more = list(more)
        self.parts: list[Any] = []

    @property
    def lateness(self) -> float:
        """How long after the answer to its end a token may be accepted.

        If nothing goes wrong, no time at all with one replica of auth, and with two as long as the other one
        takes to tell the services that listen to it.
        """
        if not self.world.climate.calm:
            return LATE_SECONDS
        return MOMENT_SECONDS if len(self.world.network.replicas["auth"]) > 1 else 0.0

    def broken(self, text: str) -> None:
        """Notes a broken promise."""
        self.world.note(f"BROKEN {text}")
        raise BrokenPromise(text)

    async def call(
        self, method: str, token: str = "", key: str = "", /, **fields: object
    ) -> Outcome:
        """Calls a method, and writes both into the journal."""
        world = self.world
        number = world.next_call()
        shown = " ".join(f"{name}={str(value)[:36]}" for name, value in fields.items())
        world.note(f"call {number} {method} by {self.account.email} {key} {shown}")
        found = await world.call(method, token, key, **fields)
        answer = f"ok {str(found.answer)[:400]!r}" if world.talkative and found.ok else "ok"
        world.note(f"call {number} {answer if found.ok else found.reason}")
        return found

    async def repeated(self, method: str, token: str = "", /, **fields: object) -> Outcome:
        """Calls a method with an idempotency key, again if nothing is known of the first time."""
        key = self.world.new_key()
        found = await self.call(method, token, key, **fields)
        for _ in range(_RETRIES):
            if not found.unknown:
                if found.ok and self.random.random() < 0.1:
                    again = await self.call(method, token, key, **fields)
                    if again.ok and _made(again.answer) != _made(found.answer):
                        self.broken(f"{method} with one key made two things")
                break
            await asyncio.sleep(self.random.uniform(0, 0.5))
            began = found.began
            found = await self.call(method, token, key, **fields)
            found.began, found.repeated = began, True
        return found

    async def certainly(self, method: str, token: str = "", /, **fields: object) -> Outcome:
        """Calls a method until it answers, when all troubles are over."""
        while True:
            found = await self.call(method, token, **fields)
            if not found.unknown:
                return found
            await asyncio.sleep(0.5)

    # ── accounts ─────────────────────────────────────────────────────────────────────────────

    async def register(self) -> None:
        """Makes the account."""
        account = self.account
        (password,) = account.passwords
        account.open_registrations += 1
        found = await self.repeated(
            "auth.AccountsService/Register",
            email=account.email,
            password=password,
            first_name="Ada",
            last_name="Lovelace",
        )
        account.maybe_gone |= found.unknown
        account.open_registrations -= not found.unknown
        if not found.ok:
            if found.reason != "EMAIL_TAKEN" and not found.unknown:
                self.broken(f"the registration of {account.email} was refused: {found.reason}")
            return
        if account.user_id:
            self.broken(f"{account.email} was registered twice")
        account.user_id = found.answer.user.user_id
        account.maybe_gone = False
        account.first_names = {"Ada"}
        self._note_login(found)

    def _note_login(self, found: Outcome) -> Login:
        tokens = found.answer.tokens
        login = Login(
            self.account, login_of(tokens.access_token), [tokens.access_token], tokens.refresh_token
        )
        login.maybe_dead = found.began < self.account.login_ends.until
        self.account.logins.append(login)
        return login

    async def log_in(self) -> None:
        """Logs in with the password."""
        account = self.account
        async with account.lock:
            password = self.random.choice(sorted(account.passwords))
            certain = len(account.passwords) == 1
            others = [one for one in account.logins if one.dead_since > self.world.loop.time()]
            if len(others) + account.unknown_logins >= LOGINS_PER_USER:
                for one in account.logins:
                    one.maybe_dead = True  # the least recently used one ends
                if account.unknown_logins:  # which may begin later than this one
                    account.login_ends.open += 1
            account.unknown_logins += 1
            found = await self.call(
                "auth.LoginsService/Login",
                email=account.email,
                password=password,
                tenant_id=account.self_tenant,
            )
            if not found.unknown:
                account.unknown_logins -= 1
            if found.ok:
                if account.disabled.was_on(found.began):
                    self.broken(f"{account.email} is disabled, and logs in")
                self._note_login(found)
            elif found.refused and certain and not account.maybe_gone:
                self._check_shut(found)

    def _check_shut(self, found: Outcome) -> None:
        """Checks that a login with the right password was refused because the account is disabled."""
        email, disabled = self.account.email, self.account.disabled
        if disabled.was_off(found.began):
            self.broken(f"{email} cannot log in with its password: {found.reason}")
        if disabled.was_on(found.began) and found.reason != "ACCOUNT_DISABLED":
            self.broken(f"{email} is disabled, and is answered {found.reason}")

    async def change_password(self, login: Login) -> None:
        """Sets another password, which ends all other logins."""
        account = self.account
        async with account.lock:
            if len(account.passwords) != 1:
                return
            (old,) = account.passwords
            new = self.world.new_password()
            others = [one for one in account.accesses if one is not login]
            alive = login.alive
            for one in others:
                one.maybe_dead = True
            account.passwords.add(new)
            account.login_ends.open += 1
            found = await self.call(
                "auth.AccountsService/ChangePassword",
                login.tokens[-1],
                current_password=old,
                new_password=new,
            )
            account.login_ends.answered(found)
            if found.ok:
                account.passwords = {new}
                account.unknown_logins = 0
                for one in others:
                    one.end(found.ended)
            elif found.refused:
                account.passwords = {old}
                self.check_refusal(found, login, alive=alive)

    async def rename(self, login: Login) -> None:
        """Sets another first name."""
        account = self.account
        async with account.names_lock:
            name = f"Name {self.world.next_call()}"
            alive = login.alive
            account.first_names.add(name)
            found = await self.repeated(
                "auth.AccountsService/UpdateMe", login.tokens[-1], first_name=name
            )
            if found.ok:
                account.first_names = {name}
            elif found.refused:
                account.first_names.discard(name)
                self.check_refusal(found, login, alive=alive)

    async def look(self, login: Login) -> None:
        """Reads the profile."""
        account = self.account
        async with account.names_lock:
            found = await self.call("auth.AccountsService/GetMe", login.tokens[-1])
            if found.ok and found.answer.user.first_name not in account.first_names:
                self.broken(f"{account.email} has a name that is none of {account.first_names}")

    # ── logins ───────────────────────────────────────────────────────────────────────────────

    async def refresh(self, login: Login) -> None:
        """Exchanges the refresh token; sometimes twice at once, as two tabs do."""
        await self.renew(login, self._exchange)

    async def renew(self, login: Login, exchange: Exchange) -> None:
        """Exchanges the refresh token of a login or a grant: it has one successor."""
        async with login.lock:
            began, alive, token = self.world.loop.time(), login.alive, login.refresh_token
            twice = self.random.random() < 0.3
            found = await asyncio.gather(*[exchange(token) for _ in range(1 + twice)])
            while (
                not any(one.ok for one in found)
                and any(one.unknown for one in found)
                and self.world.loop.time() < began + GRACE_SECONDS - _SKEW_SECONDS - 1
            ):
                await asyncio.sleep(self.random.uniform(0, 0.3))
                found.append(await exchange(token))
            successors = {one.answer.tokens.refresh_token for one in found if one.ok}
            if len(successors) > 1:
                self.broken("a refresh token has two successors")
            if not successors:
                refused = [one for one in found if one.refused]
                if refused and alive and login.alive:
                    self.broken(f"a login that nothing has ended is refused: {refused[0].reason}")
                login.maybe_dead = True
                return
            login.tokens += [one.answer.tokens.access_token for one in found if one.ok]
            login.spent.append(token)
            (login.refresh_token,) = successors
            if login.dead_since < began:
                self.broken("a login that was ended was refreshed")

    async def _exchange(self, token: str) -> Outcome:
        return await self.call(
            "auth.LoginsService/Refresh", refresh_token=token, tenant_id=self.account.self_tenant
        )

    async def steal(self, login: Login) -> None:
        """Uses a refresh token whose successor was used: it ends the login."""
        await self.spend_again(login, self._exchange)

    async def spend_again(self, login: Login, exchange: Exchange) -> None:
        """Uses a spent refresh token of a login or a grant, which ends it."""
        async with login.lock:
            if len(login.spent) < 2:
                return
            token = self.random.choice(login.spent[:-1])
            login.maybe_dead = True
            found = await exchange(token)
            if found.ok:
                self.broken("a refresh token was taken twice")
            elif found.reason in _SPENT:
                login.end(found.ended)

    async def log_out(self, login: Login) -> None:
        """Ends a login by its own token."""
        login.maybe_dead = True
        if self.random.random() < 0.5:
            found = await self.call("auth.LoginsService/Logout", login.tokens[-1])
        else:
            found = await self.call("auth.LoginsService/Logout", refresh_token=login.refresh_token)
        if found.ok:
            login.end(found.ended)

    async def log_out_other(self, login: Login) -> None:
        """Ends another login."""
        others = [one for one in self.account.living if one is not login]
        if not others:
            return
        other, alive = self.random.choice(others), login.alive
        other.maybe_dead = True
        found = await self.call(
            "auth.LoginsService/EndLogin", login.tokens[-1], login_id=other.login_id
        )
        if found.ok or found.reason == "LOGIN_NOT_FOUND":
            other.end(found.ended)
        elif found.refused:
            self.check_refusal(found, login, alive=alive)

    async def log_out_everywhere(self, login: Login) -> None:
        """Ends all logins."""
        account = self.account
        async with account.lock:
            ended = account.accesses
            account.doubt_logins()
            account.login_ends.open += 1
            found = await self.call("auth.LoginsService/LogoutAll", login.tokens[-1])
            account.login_ends.answered(found)
            if found.ok:
                account.unknown_logins = 0
                for one in ended:
                    one.end(found.ended)

    async def use_dead(self, login: Login) -> None:
        """Uses tokens of a login that was ended: they are refused."""
        await self.use_ended(login, self._exchange)

    async def use_ended(self, login: Login, exchange: Exchange) -> None:
        """Uses tokens of a login or a grant that was ended: they are refused."""
        late = login.dead_since + self.lateness < self.world.loop.time()
        method = self.random.choice(
            ("auth.AccountsService/GetMe", "sessions.SessionsService/ListSessions",
             "tenants.TenantsService/ListTenants")
        )  # fmt: skip
        found = await self.call(method, self.random.choice(login.tokens + login.elsewhere))
        if found.ok and late:
            self.broken(f"{method} took a token of a login that was ended")
        if self.random.random() < 0.3:
            late = login.dead_since < self.world.loop.time()
            found = await exchange(login.refresh_token)
            if found.ok and late:
                self.broken("a login that was ended was refreshed")

    def check_refusal(self, found: Outcome, login: Login, *, alive: bool) -> None:
        """Checks that a call was not refused for its token, while its login was in force."""
        if found.reason in _WITHOUT_TOKEN and alive and login.alive:
            self.broken(f"the token of a login that nothing has ended: {found.reason}")

    async def delete(self, login: Login) -> None:
        """Deletes the account, unless what is still under way may make it again."""
        account = self.account
        async with account.lock:
            if len(account.passwords) != 1 or account.open_registrations:
                return
            (password,) = account.passwords
            found = await account.deleted(
                self.call("auth.AccountsService/DeleteMe", login.tokens[-1], password=password)
            )
            self.check_deletion(found, account)

    def check_deletion(self, found: Outcome, account: Account) -> None:
        """Checks that a deletion has erased nothing that was under a legal hold all the time."""
        if (
            found.ok
            and account.held.was_on(found.began)
            and not found.answer.HasField("delete_time")
        ):
            self.broken("an account under a legal hold was erased")

    # ── a life ───────────────────────────────────────────────────────────────────────────────

    async def live(self, until: float) -> None:
        """Does one thing after the other until a time."""
        if not self.account.user_id:
            await self.register()
        while self.world.loop.time() < until:
            act = self.choose()
            if act is None:
                await asyncio.sleep(0.2)
                continue
            await act()
            await asyncio.sleep(self.random.choice((0.0, 0.01, 0.1, 0.5)))

    def choose(self) -> Act | None:
        """What to do next."""
        account = self.account
        if not account.user_id:
            return None
        dead = account.dead
        if dead and self.random.random() < 0.15:
            ended = self.random.choice(dead)
            return lambda: self.use_dead(ended)
        usable = [one for one in account.logins if not one.maybe_dead]
        if not usable or self.random.random() < 0.1:
            return self.log_in
        login = self.random.choice(usable)
        acts = {
            **dict.fromkeys(self.more, 8),
            self.refresh: 6,
            self.look: 2,
            self.rename: 2,
            self.steal: 1,
            self.log_out: 2,
            self.log_out_other: 1,
            self.log_out_everywhere: 0.5,
            self.change_password: 0.7,
            self.delete: 0.15,
        }
        (chosen,) = self.random.choices(list(acts), list(acts.values()))
        return lambda: chosen(login)


def _made(answer: object) -> list[str]:
    """The ids of what a call has made, and of its owner."""
    found = []
    for _, part in answer.ListFields():  # type: ignore[attr-defined]
        for field, value in getattr(part, "ListFields", list)():
            if field.name.endswith("_id"):
                found.append(value)
    return found


def login_of(access_token: str) -> str:
    """The id of the login that an access token comes from."""
    found: str = jwt.decode(access_token, options={"verify_signature": False})["sid"]
    return found
