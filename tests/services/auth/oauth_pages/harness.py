"""A browser without a screen: it keeps cookies, and fills in the forms that the pages have."""

from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from kernel.identity.callers import Call
from services.auth import program_wiring
from services.auth.authorizations.model import AuthorizationParameters
from services.auth.authorizations.repository import AUTHORIZATION_CODES
from services.auth.logins.model import LoginTenant, TenantName
from services.auth.oauth_pages.model import Form
from services.auth.oauth_pages.rendering import Page
from tests.services.auth.device_login.harness import CLI, Devices
from tests.services.auth.harness import EMAIL, METADATA, PASSWORD, AuthHarness, verifier

ORIGIN = "https://coditect.local"
CALLBACK = "http://127.0.0.1:8765/callback"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REQUEST = AuthorizationParameters(
    client_id=CLI.client_id,
    response_type="code",
    redirect_uri=CALLBACK,
    scope="openid sessions:read",
    state="state-of-the-client",
    code_challenge=CHALLENGE,
    code_challenge_method="S256",
)


class Tenants:
    """The tenants of users, as the harness knows them."""

    def __init__(self, auth: AuthHarness) -> None:
        self._auth = auth

    async def tenants_of(self, user_id: UUID) -> Sequence[TenantName]:
        """The tenants among which a user chooses."""
        own = LoginTenant.self_tenant(user_id, self._auth.clock.now())
        of = self._auth.memberships.of
        found = [own, *(tenant for (member, _), tenant in of.items() if member == user_id)]
        return [TenantName(one.tenant_id, one.name, one.kind) for one in found]


class OAuthPages:
    """The pages of one replica of auth."""

    def __init__(self, auth: AuthHarness) -> None:
        self.auth, self.devices = auth, Devices(auth)
        tenants, clients = auth.memberships, self.devices.clients
        pages = program_wiring.oauth_pages(
            auth.parts,
            auth.logins,
            program_wiring.authorizations(auth.parts, tenants, clients),
            program_wiring.device_login(auth.parts, tenants, clients),
            Tenants(auth),
            verifier(auth),
        )
        self.authorize, self.device = pages.authorize, pages.device


class _Reader(HTMLParser):
    """Reads the forms, the texts and the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.buttons: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self.forms.append({})
            self.buttons.append([])
        elif tag == "input" and self.forms and given.get("name"):
            if given.get("type") != "radio" or "checked" in given:
                self.forms[-1][given["name"]] = given.get("value", "")
        elif tag == "button":
            self.buttons[-1].append(given["value"])

    def handle_data(self, data: str) -> None:
        self.text += data


class Screen:
    """A page as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = page.html
        self._reader = _Reader()
        self._reader.feed(page.html)
        self.text = " ".join(self._reader.text.split())
        self.tags = self._reader.tags

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.page.status

    @property
    def title(self) -> str:
        """The heading."""
        return self.html.split("<h1>")[1].split("</h1>")[0]

    @property
    def location(self) -> str:
        """Where the browser is sent; empty if it stays."""
        return self.page.headers.get("location", "")

    @property
    def answer(self) -> dict[str, str]:
        """The parameters with which the browser is sent back."""
        return {name: one[0] for name, one in parse_qs(urlsplit(self.location).query).items()}

    def form(self, step: str) -> dict[str, str]:
        """The fields of the form with a button."""
        reader = self._reader
        (found,) = [
            form
            for form, buttons in zip(reader.forms, reader.buttons, strict=True)
            if step in buttons
        ]
        return dict(found)


class Surfer:
    """A person with a browser.

    Attributes:
        cookies: What the browser keeps.
        metadata: The headers that it sends beside them.
    """

    def __init__(self, pages: OAuthPages, address: str = METADATA["x-forwarded-for"]) -> None:
        self.pages = pages
        self.cookies: dict[str, str] = {}
        self.metadata = METADATA | {"x-forwarded-for": address, "x-request-id": "request-7"}
        self.language = "en"
        self.request = REQUEST
        self.screen = Screen(Page(200, "", {}))

    async def open(self, **changed: Any) -> Screen:
        """Follows the link of a program to the page, with some parameters changed."""
        self.request = replace(REQUEST, **changed)
        return await self._send(self.request, Form())

    async def open_device(self, user_code: str = "") -> Screen:
        """Opens the page of devices."""
        call = self._call("")
        page = await self.pages.device.open(call, self.language, user_code)
        return self._shown(call, page)

    async def press(self, step: str, *, origin: str = ORIGIN, **typed: str) -> Screen:
        """Fills in the form with a button, and presses it."""
        return await self.post({**self.screen.form(step), "step": step, **typed}, origin=origin)

    async def post(self, fields: dict[str, str], *, origin: str = ORIGIN) -> Screen:
        """Sends a form; the request of a program is in it."""
        form = _form(fields)
        if "client_id" in fields:
            names = set(fields) & set(AuthorizationParameters.__slots__)
            given: dict[str, Any] = {name: fields[name] for name in names - {"resource"}}
            return await self._send(AuthorizationParameters(**given), form, origin)
        call = self._call(origin)
        return self._shown(call, await self.pages.device.take(call, self.language, form))

    async def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> Screen:
        """Types address and password."""
        return await self.press("login", email=email, password=password)

    async def _send(
        self, parameters: AuthorizationParameters, form: Form, origin: str = ""
    ) -> Screen:
        call = self._call(origin)
        page = await self.pages.authorize.answer(call, self.language, parameters, form)
        return self._shown(call, page)

    def _call(self, origin: str) -> Call:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        more = {"cookie": cookies} if cookies else {}
        return Call(None, self.metadata | more | ({"origin": origin} if origin else {}))

    def _shown(self, call: Call, page: Page) -> Screen:
        for name, value in call.answer_metadata:
            assert name == "set-cookie"
            cookie, *attributes = value.split("; ")
            assert {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} <= set(attributes)
            key, _, text = cookie.partition("=")
            if "Max-Age=0" in attributes:
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = text
        self.screen = Screen(page)
        return self.screen


async def codes(auth: AuthHarness) -> int:
    """How many authorization codes there are."""
    found = await auth.store.read(lambda tx: AUTHORIZATION_CODES.page(tx, after=None, limit=99))
    return len(found.items)


def _form(fields: dict[str, str]) -> Form:
    names = {"form_token": "token"}
    known = {names.get(name, name): value for name, value in fields.items()}
    return Form(**{name: value for name, value in known.items() if name in Form._fields})
