"""The page on which a user allows what a program asks for, and the form that answers it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from kernel.runtime import Runtime
from services.auth.logins.model import TenantName
from services.auth.oauth_clients.model import OAuthClient
from services.auth.oauth_pages.browser import Browser
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.oauth_pages.login_pages import PageFault, retried, said
from services.auth.oauth_pages.model import Form, Subject
from services.auth.oauth_pages.rendering import Page, consent_text, render, texts


class TenantList(Protocol):
    """The service tenants, as far as the choice of a tenant needs it."""

    async def tenants_of(self, user_id: UUID) -> Sequence[TenantName]:
        """The tenants among which a user chooses. Raises `TenantsUnavailable`."""
        ...


class AskingDevice(NamedTuple):
    """A device, as the page shows it."""

    user_code: str
    user_agent: str
    address: str
    same_network: bool


class ShownClient(NamedTuple):
    """A client, as the page shows it."""

    name: str
    client_id: str
    known: bool
    """Whether this product or an admin of the tenant has named it."""


class _ShownTenant(NamedTuple):
    tenant_id: str
    name: str
    chosen: bool


class AnswerPage:
    """Asks a user whether a program may do what it asks for."""

    def __init__(self, runtime: Runtime, tokens: FormTokens, tenants: TenantList) -> None:
        self._clock = runtime.clock
        self._tokens = tokens
        self._tenants = tenants

    async def ask(
        self,
        browser: Browser,
        subject: Subject,
        client: OAuthClient,
        scopes: frozenset[str],
        device: AskingDevice | None = None,
        fault: PageFault | None = None,
    ) -> Page:
        """The page, for the user in the browser. Raises `TenantsUnavailable`."""
        assert browser.result is not None, "a user is logged in"
        language = subject.language
        title = texts(language)["allow"]["title" if device is None else "title_device"]
        token = self._tokens.make(_browser(browser), subject.about(_ANSWER), self._clock.now())
        page = render(
            "allow",
            language,
            status=fault.status if fault else 200,
            answer_to=subject.answer_to,
            title=title,
            action=subject.action,
            fields=(*subject.fields, ("form_token", token)),
            client=_shown(client),
            device=device,
            email=browser.result.user.email,
            place=place_of(subject.answer_to),
            consents=[consent_text(language, scope) for scope in sorted(scopes)],
            tenants=await self._choices(browser, client, language),
            **said(subject, fault),
        )
        return retried(page, fault)

    def is_ours(self, browser: Browser, subject: Subject, form: Form) -> bool:
        """Whether a form is this page's, and was made for the login in this browser and for the request."""
        about, now = subject.about(_ANSWER), self._clock.now()
        return self._tokens.is_good(form.token, _browser(browser), about, now)

    async def _choices(
        self, browser: Browser, client: OAuthClient, language: str
    ) -> list[_ShownTenant]:
        """The tenants among which the user chooses; the client's own alone, if it has one."""
        caller = browser.call.caller
        tenants = [
            tenant
            for tenant in await self._tenants.tenants_of(caller.user_id)
            if client.tenant_id in {None, tenant.tenant_id}
        ]
        ids = [tenant.tenant_id for tenant in tenants]
        chosen = caller.tenant_id if caller.tenant_id in ids else next(iter(ids), None)
        personal = texts(language)["common"]["personal"]
        return [
            _ShownTenant(
                str(tenant.tenant_id),
                personal if tenant.is_self_tenant else tenant.name,
                tenant.tenant_id == chosen,
            )
            for tenant in tenants
        ]


_ANSWER = "answer"


def tenant_of(form: Form) -> UUID | None:
    """The tenant that a user has chosen; None for none, or for what is no id."""
    try:
        return UUID(form.tenant_id)
    except ValueError:
        return None


def _browser(browser: Browser) -> str:
    """What names a browser with a login: the login. It ends with it, and not with the next rotation."""
    return "" if browser.login_id is None else f"login {browser.login_id}"


def _shown(client: OAuthClient) -> ShownClient:
    return ShownClient(client.name, client.host or client.client_id, client.is_known)


def place_of(redirect_uri: str) -> str:
    """Where the browser goes afterwards, in short: scheme and host, or the scheme of an app."""
    url = urlsplit(redirect_uri)
    return f"{url.scheme}://{url.netloc}" if url.netloc else f"{url.scheme}:"
