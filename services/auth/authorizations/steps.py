"""What a page does next with an authorization request: our own page, and that of the console.

The page asks again after each step. Only `ApproveAuthorization` decides: what a page leaves out, the user
must do before the program gets a code.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from kernel.errors import ServiceError
from kernel.identity.callers import Assurance, Call, Caller
from kernel.runtime import Runtime
from services.auth.authorizations.approval import ApproveAuthorization, Approver
from services.auth.authorizations.errors import AuthorizationRedirectError
from services.auth.authorizations.model import AuthorizationRequest, Prompt


class Step(StrEnum):
    """What a page does next."""

    REDIRECT = "redirect"
    """It sends the browser to the client."""
    LOG_IN = "log_in"
    """The user logs in."""
    SELECT_ACCOUNT = "select_account"
    """The user says whether to go on as who they are."""
    REAUTHENTICATE = "reauthenticate"
    """The user proves again who they are, with a second factor if they have one."""
    ENROLL = "enroll"
    """The user adds a second factor."""
    CONSENT = "consent"
    """The user allows what the client asks for, or refuses."""


class NextStep(NamedTuple):
    """A step.

    Attributes:
        step: What the page does.
        redirect_uri: Where it sends the browser; empty for no redirect.
        confirm: Whether it asks the user first: the address may be anywhere (RFC 9700, section 4.11.2).
    """

    step: Step
    redirect_uri: str = ""
    confirm: bool = False

    @classmethod
    def of_error(cls, error: AuthorizationRedirectError) -> "NextStep":
        """The step for a request that cannot be granted."""
        return cls(Step.REDIRECT, error.redirect, not error.is_sent_on)


class AuthorizationSteps:
    """Says what comes next."""

    def __init__(self, runtime: Runtime, approval: ApproveAuthorization) -> None:
        self._clock = runtime.clock
        self._approval = approval

    async def next(
        self, call: Call, request: AuthorizationRequest, *, prompted: bool = False
    ) -> NextStep:
        """The next step. With `prompt=none` it is a redirect, which may have a code.

        Args:
            call: The call of the page, with its user if one is logged in.
            request: The request, which is checked.
            prompted: Whether the page has done the step that an earlier answer named.
        """
        if Prompt.NONE in request.prompts:
            return await self._unasked(call, request)
        return NextStep(self._asked(call.caller_if_any, request, prompted=prompted))

    def _asked(
        self, caller: Caller | None, request: AuthorizationRequest, *, prompted: bool
    ) -> Step:
        if caller is None:
            return Step.LOG_IN
        if not prompted and (wanted := _wanted(request)) is not None:
            return wanted
        max_age = request.answer_age if prompted else request.max_age
        if self._is_too_old(caller, max_age):
            return Step.REAUTHENTICATE
        if lacks_factor(caller, request):
            return Step.REAUTHENTICATE if caller.has_second_factor else Step.ENROLL
        return Step.CONSENT

    async def _unasked(self, call: Call, request: AuthorizationRequest) -> NextStep:
        """The answer to a request that the user must not see (OpenID Connect Core 1.0, section 3.1.2.6).

        It is granted only where the user has allowed the client as much before. A client that has
        registered itself is told of an error only if the user goes on to it (RFC 9700, section 4.11.2).
        """
        error = self._unasked_error(call.caller_if_any, request)
        if not error:
            approver = Approver.of(call)
            tenant_id = await self._approval.approved_tenant(approver, request)
            if tenant_id is not None:
                try:
                    redirect = await self._approval.approve(approver, request, tenant_id)
                    return NextStep(Step.REDIRECT, redirect)
                except ServiceError:
                    error = "interaction_required"
        known = request.is_sent_on or request.client.tenant_id is not None
        redirect = request.redirect(error=error or "consent_required")
        return NextStep(Step.REDIRECT, redirect, not known)

    def _unasked_error(self, caller: Caller | None, request: AuthorizationRequest) -> str:
        """What the user would have to prove first; empty for nothing."""
        if caller is None:
            return "login_required"
        if lacks_factor(caller, request):
            return "unmet_authentication_requirements"
        return "login_required" if self._is_too_old(caller, request.max_age) else ""

    def _is_too_old(self, caller: Caller, max_age: int | None) -> bool:
        """Whether the user has proved who they are too long ago."""
        if max_age is None:
            return False
        proved = datetime.fromtimestamp(caller.auth_second, UTC)
        return self._clock.now() - proved > timedelta(seconds=max_age)


def lacks_factor(caller: Caller, request: AuthorizationRequest) -> bool:
    """Whether the client asks for two factors, and the user has not shown them."""
    return request.needs_two_factors and caller.assurance < Assurance.AAL2


def _wanted(request: AuthorizationRequest) -> Step | None:
    """The step that the client asks for even if a user is logged in; None for none."""
    if request.prompts >= {Prompt.LOGIN, Prompt.SELECT_ACCOUNT}:
        return Step.LOG_IN
    if Prompt.SELECT_ACCOUNT in request.prompts:
        return Step.SELECT_ACCOUNT
    if Prompt.LOGIN in request.prompts or request.max_age == 0:
        return Step.REAUTHENTICATE
    return None
