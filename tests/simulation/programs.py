"""What programs do with tokens that their users made, and people with links from emails."""

import re
from dataclasses import dataclass
from email.message import EmailMessage

from tests.simulation.life import Life
from tests.simulation.people import NEVER, Login, Session

_RESET = re.compile(r"/reset-password#token=([A-Za-z0-9_-]+)")
_PROOF = re.compile(r"/verify-email#token=([A-Za-z0-9_-]+)")


@dataclass(eq=False)
class BearerToken:
    """A token that a program holds.

    Attributes:
        text: The token.
        token_id: Its id.
        session: The session that it hangs on, if it is one of a workspace.
        login: The login that it hangs on, if it is one of a workspace.
        gone_since: When its own end was answered.
    """

    text: str
    token_id: str
    session: Session | None = None
    login: Login | None = None
    gone_since: float = NEVER

    def is_dead(self, now: float) -> bool:
        """Whether its end, or that of its session or login, was answered before."""
        session = NEVER if self.session is None else self.session.gone_since
        login = NEVER if self.login is None else self.login.dead_since
        return min(self.gone_since, session, login) < now


class ProgramLife:
    """The acts of a person's programs, and with a person's emails.

    Args:
        life: The device of the person.
    """

    def __init__(self, life: Life) -> None:
        self.life = life
        self.tokens: list[BearerToken] = life.account.more.setdefault("tokens", [])
        self.resets: list[str] = life.account.more.setdefault("resets", [])

    async def act(self, login: Login) -> None:
        """Makes, uses or revokes a token, or resets the password."""
        acts = (
            self.make,
            self.make_of_session,
            self.use,
            self.use,
            self.revoke,
            self.reset,
            self.reset,
        )
        await self.life.random.choice(acts)(login)

    async def make(self, login: Login) -> None:
        """Makes a personal access token."""
        found = await self.life.call(
            "auth.PersonalAccessTokensService/CreatePersonalAccessToken",
            login.tokens[-1],
            name="program",
            scopes=["account:read", "sessions:read"],
        )
        if found.ok:
            made = found.answer
            self.tokens.append(BearerToken(made.token, made.personal_access_token.token_id))

    async def make_of_session(self, login: Login) -> None:
        """Makes a token of a session."""
        sessions = [one for one in self.life.account.sessions if not one.maybe_gone]
        if not sessions:
            return
        session = self.life.random.choice(sessions)
        found = await self.life.call(
            "auth.WorkspaceTokensService/CreateWorkspaceToken",
            login.tokens[-1],
            session_id=session.session_id,
        )
        if found.ok:
            self.tokens.append(BearerToken(found.answer.token, "", session, login))

    async def use(self, _: Login) -> None:
        """Uses a token: one that was revoked, or whose session was ended, is refused."""
        if not self.tokens:
            return
        life, token = self.life, self.life.random.choice(self.tokens)
        await life.call("sessions.SessionsService/ListSessions", token.text)
        if life.world.climate.calm:
            await self.check(token)

    async def check(self, token: BearerToken) -> None:
        """Uses a token once more, and says whether that should have been refused."""
        life = self.life
        dead = token.is_dead(life.world.loop.time()) or life.account.gone_since < NEVER
        found = await life.call("sessions.SessionsService/ListSessions", token.text)
        if found.ok and dead:
            what = "a personal token" if token.session is None else "the token of a session"
            life.broken(f"{what} is taken after its end")

    async def revoke(self, login: Login) -> None:
        """Revokes a personal access token that was just used, so that its access token is cached."""
        mine = [one for one in self.tokens if one.token_id and one.gone_since == NEVER]
        if not mine:
            return
        token = self.life.random.choice(mine)
        await self.life.call("sessions.SessionsService/ListSessions", token.text)
        found = await self.life.call(
            "auth.PersonalAccessTokensService/DeletePersonalAccessToken",
            login.tokens[-1],
            token_id=token.token_id,
        )
        if found.ok:
            token.gone_since = found.ended
            if self.life.world.climate.calm:
                await self.check(token)

    async def reset(self, login: Login) -> None:
        """Asks for a link, or sets another password with one, which is good once."""
        life, account = self.life, self.life.account
        if not account.more.get("proved"):  # a reset would make another account of it
            return await self.prove(login)
        links = self.links(_RESET)
        if not links or life.random.random() < 0.3:
            found = await life.call("auth.PasswordResetService/ForgotPassword", email=account.email)
            if found.ok:
                account.more["asked"] = True
            return None
        token = life.random.choice(links)
        async with account.lock:
            new, before = life.world.new_password(), set(account.passwords)
            account.login_ends.open += 1
            logins = account.accesses
            account.doubt_logins()
            account.passwords.add(new)
            found = await life.call(
                "auth.PasswordResetService/ResetPassword", token=token, new_password=new
            )
            account.login_ends.answered(found)
            if found.ok:
                if token in self.resets:
                    life.broken("the link of an email was taken twice")
                self.resets.append(token)
                account.passwords = {new}
                account.unknown_logins = 0
                for one in logins:
                    one.end(found.ended)
                await self._reset_again(token)
            elif found.refused:
                account.passwords = before
        return None

    async def _reset_again(self, token: str) -> None:
        """Opens the same link once more, as a second tab does."""
        life, other = self.life, self.life.world.new_password()
        found = await life.call(
            "auth.PasswordResetService/ResetPassword", token=token, new_password=other
        )
        if found.ok:
            life.broken("the link of an email was taken twice")

    async def prove(self, login: Login) -> None:
        """Proves the address by the link that was mailed after the registration."""
        for token in self.proofs[-1:]:
            found = await self.life.call(
                "auth.EmailAddressesService/VerifyEmail", login.tokens[-1], token=token
            )
            if found.ok:
                self.life.account.more["proved"] = True

    @property
    def proofs(self) -> list[str]:
        """The tokens of the links that prove the address, the oldest first."""
        return self.links(_PROOF)

    def links(self, kind: re.Pattern[str]) -> list[str]:
        """The tokens of the links that the person was mailed, the oldest first."""
        found = []
        for message in self._mailbox():
            part = message.get_body(("plain",))
            assert part is not None
            found += kind.findall(part.get_content())
        return found

    def _mailbox(self) -> list[EmailMessage]:
        """What the person was mailed, the oldest first."""
        email, mails = self.life.account.email, self.life.world.mails
        return [message for recipient, message in mails if email in recipient]

    async def look_at_last(self) -> None:
        """Uses every token, and counts emails, after all troubles."""
        for token in self.tokens:
            await self.check(token)
        account = self.life.account
        # What was still to be sent to a person goes with the account.
        if account.more.get("asked") and not account.maybe_gone and not self.links(_RESET):
            self.life.broken("an email that was promised did not come")
        if self.life.world.climate.calm:
            emails = [message["Message-ID"] for message in self._mailbox()]
            if len(emails) != len(set(emails)):
                self.life.broken("an email came twice")
