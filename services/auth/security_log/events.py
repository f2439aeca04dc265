"""Reports security events: to the operator by a log line and a metric, to the user by a notice."""

from datetime import datetime

from prometheus_client import Counter

from kernel import log
from kernel.identity.devices import Device
from kernel.storage import Write
from kernel.telemetry import Telemetry
from services.auth.notifications.emails import Emails
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.users.model import User

_WARNINGS = {
    Event.REFRESH_TOKEN_REUSED,
    Event.GUESSES_STOPPED,
    Event.CODES_STOPPED,
    Event.PASSKEY_COPIED,
    Event.DEVICE_CODE_REUSED,
    Event.AUTHORIZATION_CODE_REUSED,
}
_FAILURES = {
    Event.LOGIN_FAILED,
    Event.SECOND_FACTOR_FAILED,
    Event.DEVICE_CODE_WRONG,
    *_WARNINGS,
}

_logger = log.get(__name__)


class SecurityEvents:
    """Mails notices, writes log lines about events, and counts them in `coditect_auth_events_total`.

    Args:
        telemetry: The metrics of the process; one `SecurityEvents` for each.
        emails: The queue of the notices.
    """

    def __init__(self, telemetry: Telemetry, emails: Emails) -> None:
        self._emails = emails
        self._counter = Counter(
            "coditect_auth_events",
            "Security events of accounts, by event and outcome.",
            ("event", "outcome"),
            registry=telemetry.registry,
        )
        for event in Event:  # so that an alert sees the first event as an increase
            outcome = Outcome.FAILURE if event in _FAILURES else Outcome.SUCCESS
            self._counter.labels(event, outcome)

    async def notify(
        self,
        tx: Write,
        user: User,
        kind: EmailKind,
        device: Device,
        now: datetime,
        to: str = "",
        due: datetime | None = None,
    ) -> None:
        """Queues a notice to the user, in the user's language and in the transaction of the change.

        An address that the user has not proved gets none: it may be that of another person.

        Args:
            tx: The transaction.
            user: The user as before the change.
            kind: What the notice is about.
            device: The device that made the change.
            now: The time of the change.
            to: A proved address that is not yet the user's; empty for the user's own.
            due: When what is announced happens; None if it has happened.
        """
        if not to and not user.email_verified:
            return
        notice = NewEmail(
            kind,
            to or user.email,
            now,
            language=user.language,
            user_id=user.user_id,
            device=device,
            due_time=due,
        )
        await self._emails.put(tx, notice)

    def report(self, *events: SecurityEvent, unknown_account: str = "") -> None:
        """Reports events. Call it after the commit: a transaction may run more than once.

        Args:
            events: What happened, each once.
            unknown_account: For an event without an account, a keyed digest of the address: the
                address itself may be a password that was typed into the wrong field.
        """
        for event in events:
            self._report(event, unknown_account)

    def _report(self, event: SecurityEvent, unknown_account: str) -> None:
        self._counter.labels(event.event, event.outcome).inc()
        write = _logger.warning if event.event in _WARNINGS else _logger.info
        given = {
            "user_id": event.user_id,
            "login_id": event.login_id,
            "unknown_account": unknown_account,
            "client_id": event.program.client_id,
            "token_id": event.program.token_id,
            "agent": event.program.agent,
        }
        write(
            "security event",
            what=str(event.event),
            outcome=str(event.outcome),
            address=event.device.address,
            **{name: str(value) for name, value in given.items() if value},
        )
