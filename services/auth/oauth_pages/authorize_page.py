"""The page /oauth/authorize: a user logs in, and allows or denies what a program asks for."""

from dataclasses import replace

from kernel.errors import ReauthenticationRequired, ServiceError
from kernel.identity.callers import Call
from services.auth.authorizations.approval import ApproveAuthorization, Approver
from services.auth.authorizations.errors import AuthorizationPageError, AuthorizationRedirectError
from services.auth.authorizations.model import (
    AuthorizationParameters,
    AuthorizationRequest,
    Prompt,
)
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.authorizations.steps import AuthorizationSteps, Step, lacks_factor
from services.auth.oauth_pages.answer_page import AnswerPage, place_of, tenant_of
from services.auth.oauth_pages.browser import Browser, Browsers
from services.auth.oauth_pages.login_pages import (
    EXPIRED,
    FOREIGN,
    LoginPages,
    PageFault,
    error_page,
)
from services.auth.oauth_pages.model import Form, Subject, given
from services.auth.oauth_pages.rendering import Page, redirect, render, texts

PATH = "/oauth/authorize"
_TWO_FACTORS = PageFault("UNMET_AUTHENTICATION_REQUIREMENTS", 403)


class AuthorizePage:
    """The use case of the page.

    Args:
        origin: The origin of our own pages.
        browsers: The browsers.
        requests: Checks what programs ask for.
        steps: Says what comes next.
        approval: What the user's answer does.
        login_pages: Where users log in.
        answer_page: Where they answer.
    """

    def __init__(
        self,
        origin: str,
        browsers: Browsers,
        requests: AuthorizationRequests,
        steps: AuthorizationSteps,
        approval: ApproveAuthorization,
        login_pages: LoginPages,
        answer_page: AnswerPage,
    ) -> None:
        self._origin = origin
        self._browsers = browsers
        self._requests = requests
        self._steps = steps
        self._approval = approval
        self._login_pages = login_pages
        self._answer_page = answer_page

    async def answer(
        self, call: Call, language: str, parameters: AuthorizationParameters, form: Form
    ) -> Page:
        """The page of a request as it is opened or, if a button was pressed, what comes after it."""
        subject = _subject(call, language, parameters)
        try:
            request = await self._requests.check(parameters)
        except AuthorizationPageError as error:
            return error_page(subject, _fault_of(error))
        except AuthorizationRedirectError as error:
            return redirect(error.redirect) if error.is_sent_on else _leave(subject, error.redirect)
        subject = replace(subject, client=request.client.name, answer_to=request.redirect_uri)
        if form.step and call.header("origin") != self._origin:
            return error_page(subject, FOREIGN)
        browser = await self._browsers.open(call)
        try:
            return await (
                self._take(browser, subject, request, form)
                if form.step
                else self._open(browser, subject, request)
            )
        finally:  # also with an error, or the browser would keep a secret that is spent
            self._browsers.send(browser)

    async def _open(
        self, browser: Browser, subject: Subject, request: AuthorizationRequest
    ) -> Page:
        step, address, confirm = await self._steps.next(browser.call, request)
        if step is Step.REDIRECT:
            return _leave(subject, address) if confirm else redirect(address)
        if step in {Step.CONSENT, Step.ENROLL}:
            return await self._ask(browser, subject, request)
        return self._login_pages.ask(browser, subject, self._email(browser, request))

    async def _take(
        self, browser: Browser, subject: Subject, request: AuthorizationRequest, form: Form
    ) -> Page:
        if form.step in {"login", "factor"}:
            asked = await self._login_pages.take(browser, subject, form)
            return asked if asked is not None else await self._ask(browser, subject, request)
        if form.step == "cancel" and self._login_pages.is_ours(browser, subject, form):
            answer = await self._approval.deny(request)
            return redirect(answer) if request.is_sent_on else _leave(subject, answer)
        if form.step == "cancel" or browser.result is None:
            return self._login_pages.ask(browser, subject, fault=EXPIRED)
        if not self._answer_page.is_ours(browser, subject, form):
            return await self._ask(browser, subject, request, EXPIRED)
        return await self._answered(browser, subject, request, form)

    async def _answered(
        self, browser: Browser, subject: Subject, request: AuthorizationRequest, form: Form
    ) -> Page:
        if form.step == "switch":
            await self._browsers.log_out(browser)
            return self._login_pages.ask(browser, subject)
        if form.step != "approve":
            return redirect(await self._approval.deny(request))
        approver = Approver.of(browser.call)
        try:
            return redirect(await self._approval.approve(approver, request, tenant_of(form)))
        except ReauthenticationRequired as error:
            email = self._email(browser, request)
            return self._login_pages.ask(browser, subject, email, PageFault.of(error))
        except AuthorizationPageError as error:
            return error_page(subject, _fault_of(error))
        except ServiceError as error:
            return await self._ask(browser, subject, request, PageFault.of(error))

    async def _ask(
        self,
        browser: Browser,
        subject: Subject,
        request: AuthorizationRequest,
        fault: PageFault | None = None,
    ) -> Page:
        if fault is None and lacks_factor(browser.call.caller, request):
            fault = _TWO_FACTORS
        return await self._answer_page.ask(
            browser, subject, request.client, request.scopes, fault=fault
        )

    def _email(self, browser: Browser, request: AuthorizationRequest) -> str:
        """Who logs in, as far as that is known: whom the program names, or who is logged in."""
        if request.login_hint or Prompt.SELECT_ACCOUNT in request.prompts or browser.result is None:
            return request.login_hint[:320]
        return browser.result.user.email


def _leave(subject: Subject, answer: str) -> Page:
    """The page that asks whether to go on to a site that no admin here knows, in place of a redirect."""
    said_of = texts(subject.language)["leave"]
    page = render(
        "message",
        subject.language,
        status=400,
        title=said_of["title"],
        text=said_of["text"],
        request_id=subject.request_id,
        button="",
        link=answer,
        link_text=f"{said_of['link']} {place_of(answer)}",
    )
    return page._replace(headers={**page.headers, "referrer-policy": "no-referrer"})


def _subject(call: Call, language: str, parameters: AuthorizationParameters) -> Subject:
    # The next page has the same language: the client suggests it once.
    carried = (*given(parameters), ("ui_locales", language))
    return Subject(PATH, language, call.header("x-request-id"), carried)


def _fault_of(error: AuthorizationPageError) -> PageFault:
    reason = _PROBLEMS.get(error.metadata.get("problem", ""), "INVALID_REQUEST")
    return PageFault(reason, 400)


_PROBLEMS = {
    "client": "INVALID_CLIENT",
    "redirect_uri": "INVALID_REDIRECT_URI",
    "request_uri": "INVALID_REQUEST_URI",
}
