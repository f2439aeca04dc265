"""The start of every grant, however its user has approved it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kernel.identity.devices import Device
from kernel.storage import Write
from services.auth.grants.model import is_offline
from services.auth.logins.model import Login, LoginTenant
from services.auth.logins.repository import logins_of
from services.auth.logins.start import StartLogin
from services.auth.notifications.model import EmailKind
from services.auth.oauth_clients.model import OAuthClient
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class ApprovedGrant:
    """A grant that is to begin."""

    client: OAuthClient
    scopes: frozenset[str]
    tenant: LoginTenant
    token: RefreshToken
    """Its first refresh token, which names user and grant."""
    device: Device
    """Where the client calls from."""
    now: datetime
    by_code: bool = False
    """Whether a user has typed the code of a device, which a stranger may have sent."""


class StartGrant:
    """Begins grants, in transactions of its callers."""

    def __init__(self, settings: AuthSettings, start: StartLogin, events: SecurityEvents) -> None:
        self._token_seconds = settings.token_seconds
        self._start = start
        self._events = events

    async def begin(
        self, tx: Write, user: User, approver: Login, approved: ApprovedGrant
    ) -> tuple[Login, list[SecurityEvent]]:
        """Stores a grant, and tells the user of a program that had none, and of every device.

        How, and how lately, the user is known comes from the login that has approved. Without a refresh
        token the grant ends with its access token.

        Returns:
            The grant, and what was put into the security log, to be reported after the commit.
        """
        client, now = approved.client, approved.now
        login = self._start.new(
            approved.token,
            approved.tenant,
            approved.device,
            now,
            methods=approver.methods,
            client_id=client.client_id,
            scopes=approved.scopes,
        )
        login = replace(login, auth_time=approver.auth_time_at(now))
        if not is_offline(client, approved.scopes):
            end = now + timedelta(seconds=self._token_seconds)
            login = replace(login, expire_time=min(login.expire_time, end))
        others = await logins_of(tx, user.user_id)
        known = any(other.client_id == client.client_id for other in others)
        if approved.by_code or not known:
            kind = EmailKind.PROGRAM_AUTHORIZED
            await self._events.notify(tx, user, kind, approved.device, now)
        return login, await self._start.put(tx, login)
