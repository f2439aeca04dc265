"""Counts what attempts to log in come to."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from prometheus_client import Counter

from kernel.errors import Kind, ServiceError
from kernel.telemetry import Telemetry
from services.auth.logins.errors import BadCredentials, PasskeyInvalid, SecondFactorWrong
from services.auth.passwords.errors import HashingBusy
from services.auth.throttling.errors import TooManyAttempts


class LoginMethod(StrEnum):
    """A step of a login."""

    PASSWORD = "password"  # noqa: S105 - no secret
    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"


class LoginOutcome(StrEnum):
    """What an attempt came to. A right password of a user with a second factor is a success."""

    SUCCESS = "success"
    WRONG = "wrong"
    """Also where the account takes no guesses for a while: the answer does not differ either."""
    STOPPED = "stopped"
    """The network has made too many wrong attempts."""
    BUSY = "busy"
    """Too many calls wait for a hash."""
    REFUSED = "refused"
    """For another reason that lies with the caller, such as an address that is not proved."""
    FAILED = "failed"
    """For a reason that lies with us."""


class CountedUseCase(Protocol):
    """A use case whose attempts are counted."""

    @property
    def outcomes(self) -> "LoginOutcomes":
        """What counts them."""


UseCase = TypeVar("UseCase", bound=CountedUseCase)
Result = TypeVar("Result")
Given = ParamSpec("Given")

_OURS = {Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL}


class LoginOutcomes:
    """`coditect_logins_total{method,outcome}`."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._attempts = Counter(
            "coditect_logins",
            "Attempts to log in, by step and outcome.",
            ("method", "outcome"),
            registry=telemetry.registry,
        )
        for method in LoginMethod:  # so that a rule sees the first one as an increase
            for outcome in LoginOutcome:
                self._attempts.labels(method, outcome)

    @contextmanager
    def counting(self, method: LoginMethod) -> Iterator[None]:
        """Counts an attempt when it ends; one that is cancelled is not counted."""
        try:
            yield
        except Exception as error:
            self._attempts.labels(method, _outcome_of(error)).inc()
            raise
        self._attempts.labels(method, LoginOutcome.SUCCESS).inc()


def counted(
    method: LoginMethod,
) -> Callable[
    [Callable[Concatenate[UseCase, Given], Awaitable[Result]]],
    Callable[Concatenate[UseCase, Given], Coroutine[Any, Any, Result]],
]:
    """Counts the calls of a use case that begins logins."""

    def wrap(
        log_in: Callable[Concatenate[UseCase, Given], Awaitable[Result]],
    ) -> Callable[Concatenate[UseCase, Given], Coroutine[Any, Any, Result]]:
        @wraps(log_in)
        async def counting(self: UseCase, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
            with self.outcomes.counting(method):
                return await log_in(self, *args, **kwargs)

        return counting

    return wrap


def _outcome_of(error: Exception) -> LoginOutcome:
    match error:
        case BadCredentials() | SecondFactorWrong() | PasskeyInvalid():
            return LoginOutcome.WRONG
        case TooManyAttempts():
            return LoginOutcome.STOPPED
        case HashingBusy():
            return LoginOutcome.BUSY
        case ServiceError() if error.kind not in _OURS:
            return LoginOutcome.REFUSED
    return LoginOutcome.FAILED
