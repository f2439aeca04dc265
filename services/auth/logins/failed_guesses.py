"""What follows from a wrong guess: an entry in the user's log, a notice, and what the operator sees."""

from collections.abc import Sequence

from kernel.storage import Write
from services.auth.notifications.model import EmailKind
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.throttling.model import Failure
from services.auth.users.repository import USERS


class FailedGuesses:
    """Takes part in the transactions that count failures; a `FailureLog` of the throttle."""

    def __init__(self, events: SecurityEvents) -> None:
        self._events = events

    async def append(self, tx: Write, failures: Sequence[Failure]) -> None:
        """Counts the failures in the log of the user, if the address has an account."""
        of_user = [failure for failure in failures if failure.user is not None]
        if of_user:
            last = of_user[-1]
            assert last.user is not None, "as chosen"
            await security_log.append_failure(
                tx,
                last.user.user_id,
                last.device,
                last.time,
                event=_failed(last),
                count=len(of_user),
            )

    async def notify(self, tx: Write, failure: Failure) -> None:
        """Mails the user that guesses are stopped, unless the account was deleted meanwhile."""
        assert failure.user is not None, "an address without an account has no user"
        if await USERS.get(tx, failure.user.user_id) is None:
            return
        kind = EmailKind.CODES_STOPPED if failure.second_factor else EmailKind.GUESSES_STOPPED
        security_log.append(tx, _event(failure, _stopped(failure)))
        await self._events.notify(tx, failure.user, kind, failure.device, failure.time)

    def report(self, failure: Failure, *, stopped: bool) -> None:
        """Writes the log lines, and counts the failure."""
        unknown = "" if failure.user is not None else failure.email_mac.hex()
        self._events.report(_event(failure, _failed(failure)), unknown_account=unknown)
        if stopped:
            self._events.report(_event(failure, _stopped(failure)), unknown_account=unknown)


def _failed(failure: Failure) -> Event:
    return Event.SECOND_FACTOR_FAILED if failure.second_factor else Event.LOGIN_FAILED


def _stopped(failure: Failure) -> Event:
    return Event.CODES_STOPPED if failure.second_factor else Event.GUESSES_STOPPED


def _event(failure: Failure, event: Event) -> SecurityEvent:
    user_id = None if failure.user is None else failure.user.user_id
    return SecurityEvent(user_id, event, Outcome.FAILURE, failure.time, failure.device)
