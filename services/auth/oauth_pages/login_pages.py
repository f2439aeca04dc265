"""The pages on which a user logs in. The login itself is the one of the API: these pages only ask."""

from datetime import datetime
from typing import NamedTuple

from kernel.emails import normalized_email
from kernel.errors import Kind, ServiceError
from kernel.runtime import Runtime
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.logins.errors import SecondFactorWrong
from services.auth.logins.model import LoginChallenge, LoginResult
from services.auth.logins.password_login import Credentials, PasswordLogin
from services.auth.logins.second_factor_login import SecondFactorLogin
from services.auth.logins.second_factors import Answer
from services.auth.oauth_pages.browser import DEVICE, Browser, Browsers
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.oauth_pages.model import Form, Subject
from services.auth.oauth_pages.rendering import Page, error_text, render, texts

PAGE_EXPIRED = "PAGE_EXPIRED"
FOREIGN_ORIGIN = "FOREIGN_ORIGIN"
_LOGIN, _FACTOR = "login", "factor"
_DIGITS = 6
_STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 403,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.EXISTS: 409,
    Kind.PRECONDITION: 400,
    Kind.CONFLICT: 409,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.TIMEOUT: 504,
    Kind.INTERNAL: 500,
}


class PageFault(NamedTuple):
    """What a page says that went wrong.

    Attributes:
        reason: The reason, by which the text is found.
        status: The HTTP status.
        retry_after: When to try again, in seconds; None if that does not help.
    """

    reason: str
    status: int
    retry_after: float | None = None

    @classmethod
    def of(cls, error: ServiceError) -> "PageFault":
        """The fault of an error."""
        return cls(error.reason, _STATUS[error.kind], error.retry_after)


EXPIRED = PageFault(PAGE_EXPIRED, 403)
FOREIGN = PageFault(FOREIGN_ORIGIN, 403)


class LoginPages:
    """Asks for the password and, of a user who has one, for the second factor.

    Args:
        runtime: The clock.
        browsers: The browsers.
        tokens: The tokens of the forms.
        password_login: The login with a password.
        second_factor_login: Its second step.
        forgot_password: Where a user goes who has forgotten the password; empty for nowhere.
    """

    def __init__(
        self,
        runtime: Runtime,
        browsers: Browsers,
        tokens: FormTokens,
        password_login: PasswordLogin,
        second_factor_login: SecondFactorLogin,
        forgot_password: str,
    ) -> None:
        self._clock = runtime.clock
        self._browsers = browsers
        self._tokens = tokens
        self._password_login = password_login
        self._second_factor_login = second_factor_login
        self._forgot_password = forgot_password

    def ask(
        self, browser: Browser, subject: Subject, email: str = "", fault: PageFault | None = None
    ) -> Page:
        """The page that asks for address and password."""
        token = self._token(browser, subject, _LOGIN)
        page = render(
            "login",
            subject.language,
            status=fault.status if fault else 200,
            answer_to=subject.answer_to,
            title=texts(subject.language)["login"]["title"],
            action=subject.action,
            fields=(*subject.fields, ("form_token", token)),
            client=subject.client,
            email=email,
            deny=bool(subject.answer_to),
            forgot_password=self._forgot_password,
            **said(subject, fault),
        )
        return retried(page, fault)

    def is_ours(self, browser: Browser, subject: Subject, form: Form) -> bool:
        """Whether a form is one of these pages, and was made for this browser and request."""
        what = _FACTOR if form.step == _FACTOR else _LOGIN
        about = subject.about(f"{what} {form.challenge}" if what == _FACTOR else what)
        return self._tokens.is_good(form.token, browser.visit, about, self._clock.now())

    async def take(self, browser: Browser, subject: Subject, form: Form) -> Page | None:
        """Takes what a person has typed: the next page, or None once the user is logged in."""
        if not self.is_ours(browser, subject, form):
            return self.ask(browser, subject, form.email[:320], EXPIRED)
        try:
            result = await (
                self._factor(browser, form)
                if form.step == _FACTOR
                else self._password(browser, form)
            )
        except SecondFactorWrong as error:
            return self._ask_factor(browser, subject, form.challenge, fault=PageFault.of(error))
        except ChallengeInvalid as error:
            return self.ask(browser, subject, fault=PageFault.of(error))
        except ServiceError as error:
            return self.ask(browser, subject, form.email[:320], PageFault.of(error))
        if isinstance(result, LoginChallenge):
            return self._ask_factor(browser, subject, result.text, result)
        await self._browsers.log_in(browser, result)
        return None

    async def _password(self, browser: Browser, form: Form) -> LoginResult | LoginChallenge:
        call = browser.call.anonymous()
        email = normalized_email(form.email.strip())
        credentials = Credentials(email, form.password, call.cookies.get(DEVICE, ""))
        return await self._password_login.log_in(call, credentials)

    async def _factor(self, browser: Browser, form: Form) -> LoginResult:
        call, typed = browser.call.anonymous(), "".join(form.code.split())
        is_code = len(typed) <= _DIGITS  # a recovery code has 24 characters
        answer = Answer(code=typed) if is_code else Answer(recovery_code=form.code)
        return await self._second_factor_login.log_in(call, form.challenge, answer)

    def _ask_factor(
        self,
        browser: Browser,
        subject: Subject,
        text: str,
        challenge: LoginChallenge | None = None,
        fault: PageFault | None = None,
    ) -> Page:
        """The page that asks for a second factor; without the challenge, it asks once more."""
        kinds = ["totp", "passkey"] if challenge is None else challenge.kinds
        token = self._token(browser, subject, f"{_FACTOR} {text}")
        fields = (*subject.fields, ("challenge", text), ("form_token", token))
        page = render(
            "factor",
            subject.language,
            status=fault.status if fault else 200,
            answer_to=subject.answer_to,
            title=texts(subject.language)["factor"]["title"],
            action=subject.action,
            fields=fields,
            apps="totp" in kinds,
            passkeys="passkey" in kinds,
            **said(subject, fault),
        )
        return retried(page, fault)

    def _token(self, browser: Browser, subject: Subject, what: str) -> str:
        now: datetime = self._clock.now()
        return self._tokens.make(self._browsers.visit(browser), subject.about(what), now)


def said(subject: Subject, fault: PageFault | None) -> dict[str, str]:
    """What a page says of a fault: what is wrong, and the id of the request."""
    if fault is None:
        return {}
    return {
        "alert": error_text(subject.language, fault.reason),
        "request_id": subject.request_id,
    }


def error_page(subject: Subject, fault: PageFault) -> Page:
    """A page that says that something went wrong, and no more."""
    page = render(
        "message",
        subject.language,
        status=fault.status,
        title=texts(subject.language)["errors"]["title"],
        text=error_text(subject.language, fault.reason),
        request_id=subject.request_id,
        button="",
    )
    return retried(page, fault)


def retried(page: Page, fault: PageFault | None) -> Page:
    """The page with the header that says when to try again."""
    if fault is None or fault.retry_after is None:
        return page
    retry_after = {"retry-after": str(max(1, round(fault.retry_after)))}
    return page._replace(headers={**page.headers, **retry_after})
