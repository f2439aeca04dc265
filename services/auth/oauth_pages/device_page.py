"""The page /oauth/device: a user types the code of a device, and lets the device in or refuses it."""

from kernel.errors import ReauthenticationRequired, ServiceError
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.device_login.answers import AnswerDeviceLogin
from services.auth.device_login.codes import read_user_code, shown
from services.auth.device_login.errors import DeviceLoginNotFound, TooManyUserCodes
from services.auth.oauth_pages.answer_page import AnswerPage, AskingDevice, tenant_of
from services.auth.oauth_pages.browser import Browser, Browsers
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.oauth_pages.login_pages import (
    EXPIRED,
    FOREIGN,
    LoginPages,
    PageFault,
    error_page,
    retried,
    said,
)
from services.auth.oauth_pages.model import Form, Subject
from services.auth.oauth_pages.rendering import Page, render, texts

PATH = "/oauth/device"
_LOOK = "look"
_CODE_CHARACTERS = 32


class DevicePage:
    """The use case of the page.

    Args:
        runtime: The clock.
        origin: The origin of our own pages.
        browsers: The browsers.
        tokens: The tokens of the forms.
        login_pages: Where users log in.
        answer_page: Where they answer.
        answer: What their answer does.
    """

    def __init__(
        self,
        runtime: Runtime,
        origin: str,
        browsers: Browsers,
        tokens: FormTokens,
        login_pages: LoginPages,
        answer_page: AnswerPage,
        answer: AnswerDeviceLogin,
    ) -> None:
        self._clock = runtime.clock
        self._origin = origin
        self._browsers = browsers
        self._tokens = tokens
        self._login_pages = login_pages
        self._answer_page = answer_page
        self._answer = answer

    async def open(self, call: Call, language: str, user_code: str) -> Page:
        """The page as it is opened: a link with a code only fills it in, and asks for nothing yet."""
        subject = _subject(call, language, user_code)
        browser = await self._browsers.open(call)
        page = (
            self._login_pages.ask(browser, subject)
            if browser.result is None
            else self._ask_code(browser, subject, user_code)
        )
        self._browsers.send(browser)
        return page

    async def take(self, call: Call, language: str, form: Form) -> Page:
        """What a person has typed on the page."""
        subject = _subject(call, language, form.user_code)
        if call.header("origin") != self._origin:
            return error_page(subject, FOREIGN)
        browser = await self._browsers.open(call)
        try:
            return await self._take(browser, subject, form)
        finally:  # also with an error, or the browser would keep a secret that is spent
            self._browsers.send(browser)

    async def _take(self, browser: Browser, subject: Subject, form: Form) -> Page:
        if form.step in {"login", "factor"}:
            asked = await self._login_pages.take(browser, subject, form)
            if asked is not None:
                return asked
            return await self._look(browser, subject, form) if form.user_code else (
                self._ask_code(browser, subject, "")
            )  # fmt: skip
        if browser.result is None:
            return self._login_pages.ask(browser, subject, fault=EXPIRED)
        if form.step == _LOOK:
            return await self._looked(browser, subject, form)
        return await self._answered(browser, subject, form)

    async def _looked(self, browser: Browser, subject: Subject, form: Form) -> Page:
        about, now = _about(_LOOK), self._clock.now()
        if not self._tokens.is_good(form.token, _name(browser), about, now):
            return self._ask_code(browser, subject, form.user_code, EXPIRED)
        return await self._look(browser, subject, form)

    async def _look(
        self, browser: Browser, subject: Subject, form: Form, fault: PageFault | None = None
    ) -> Page:
        """The page that shows the device with a code."""
        try:
            found = await self._answer.look(browser.call, form.user_code)
        except ServiceError as error:
            return self._ask_code(browser, subject, form.user_code, PageFault.of(error))
        device = found.device_login.device
        code = read_user_code(form.user_code) or ""
        asking = AskingDevice(shown(code), device.user_agent, device.address, found.same_network)
        scopes = found.device_login.scopes
        return await self._answer_page.ask(browser, subject, found.client, scopes, asking, fault)

    async def _answered(self, browser: Browser, subject: Subject, form: Form) -> Page:
        if not self._answer_page.is_ours(browser, subject, form):
            return self._ask_code(browser, subject, form.user_code, EXPIRED)
        if form.step == "switch":
            await self._browsers.log_out(browser)
            return self._login_pages.ask(browser, subject)
        try:
            if form.step == "approve":
                await self._answer.approve(browser.call, form.user_code, tenant_of(form))
            else:
                await self._answer.deny(browser.call, form.user_code)
        except ReauthenticationRequired as error:
            email = browser.result.user.email if browser.result is not None else ""
            return self._login_pages.ask(browser, subject, email, PageFault.of(error))
        except (DeviceLoginNotFound, TooManyUserCodes) as error:
            return self._ask_code(browser, subject, form.user_code, PageFault.of(error))
        except ServiceError as error:
            return await self._look(browser, subject, form, PageFault.of(error))
        return _done(subject, "approved" if form.step == "approve" else "denied")

    def _ask_code(
        self, browser: Browser, subject: Subject, user_code: str, fault: PageFault | None = None
    ) -> Page:
        """The page that asks for a code."""
        token = self._tokens.make(_name(browser), _about(_LOOK), self._clock.now())
        page = render(
            "code",
            subject.language,
            status=fault.status if fault else 200,
            title=texts(subject.language)["code"]["title"],
            action=PATH,
            fields=(("form_token", token),),
            user_code=user_code[:_CODE_CHARACTERS],
            **said(subject, fault),
        )
        return retried(page, fault)


def _subject(call: Call, language: str, user_code: str) -> Subject:
    fields = (("user_code", user_code[:_CODE_CHARACTERS]),) if user_code else ()
    return Subject(PATH, language, call.header("x-request-id"), fields)


def _about(what: str) -> str:
    """What the form with the code is bound to: no request, which it is to name."""
    return f"{what} {PATH}"


def _name(browser: Browser) -> str:
    return f"login {browser.login_id}"


def _done(subject: Subject, outcome: str) -> Page:
    said_of = texts(subject.language)["done"]
    return render(
        "message",
        subject.language,
        title=said_of[f"{outcome}_title"],
        text=said_of[outcome],
        button="",
    )
