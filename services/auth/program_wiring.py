"""Which rule of auth uses which, for programs: as `wiring` does it for users."""

from dataclasses import dataclass

from kernel.identity.tokens import Verifier
from services.auth.authorizations.approval import ApproveAuthorization
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.authorizations.pushed import PushRequest
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.device_login.answers import AnswerDeviceLogin, Clients
from services.auth.device_login.redemption import DeviceCodeGrant
from services.auth.device_login.start import StartDeviceLogin
from services.auth.device_login.wrong_codes import WaitingDevices
from services.auth.logins.active_tenant import ActiveTenant, Tenants
from services.auth.logins.tenant_authority import TenantAuthority
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.document_fetch import DocumentFetch
from services.auth.oauth_clients.dynamic_life import DynamicLife
from services.auth.oauth_clients.metadata_documents import MetadataDocuments
from services.auth.oauth_clients.registration import RegisterClient
from services.auth.oauth_clients.tenant_clients import TenantClients
from services.auth.oauth_pages.answer_page import AnswerPage, TenantList
from services.auth.oauth_pages.authorize_page import AuthorizePage
from services.auth.oauth_pages.browser import Browsers
from services.auth.oauth_pages.device_page import DevicePage
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.oauth_pages.login_pages import LoginPages
from services.auth.oauth_pages.rendering import origin_of
from services.auth.wiring import Logins, Parts


@dataclass(frozen=True, slots=True)
class ClientParts:
    """The OAuth clients: found, authenticated, and made by tenants and by themselves."""

    clients: OAuthClients
    authentication: ClientAuthentication
    of_tenants: TenantClients
    registration: RegisterClient


def oauth_clients(
    parts: Parts, tenants: Tenants, fetch: DocumentFetch | None = None
) -> ClientParts:
    """Wires OAuth clients.

    Args:
        parts: What several capabilities share.
        tenants: Where memberships are.
        fetch: What fetches metadata documents; None for what fetches public ones alone.
    """
    runtime, settings = parts.runtime, parts.settings
    documents = None
    if settings.client_metadata_documents == "on":
        documents = MetadataDocuments(runtime.clock, fetch or DocumentFetch())
    clients = OAuthClients(runtime, documents)
    authority = TenantAuthority(runtime, ActiveTenant(tenants))
    return ClientParts(
        clients,
        ClientAuthentication(runtime, settings, clients, DynamicLife(runtime, settings)),
        TenantClients(runtime, settings, authority, parts.log, parts.events),
        RegisterClient(runtime, settings),
    )


@dataclass(frozen=True, slots=True)
class Authorizations:
    """The use cases of authorizations."""

    requests: AuthorizationRequests
    push: PushRequest
    approval: ApproveAuthorization


def authorizations(parts: Parts, tenants: Tenants, clients: OAuthClients) -> Authorizations:
    """Wires authorizations."""
    runtime, settings = parts.runtime, parts.settings
    requests = AuthorizationRequests(runtime, settings, clients)
    return Authorizations(
        requests,
        PushRequest(runtime, requests),
        ApproveAuthorization(runtime, ProgramTenants(ActiveTenant(tenants)), parts.events),
    )


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """The use cases of device login."""

    start: StartDeviceLogin
    answer: AnswerDeviceLogin
    grant: DeviceCodeGrant


def device_login(parts: Parts, tenants: Tenants, clients: Clients) -> DeviceLogin:
    """Wires device login."""
    runtime, events, of_programs = (
        parts.runtime,
        parts.events,
        ProgramTenants(ActiveTenant(tenants)),
    )
    waiting = WaitingDevices(runtime, events)
    return DeviceLogin(
        StartDeviceLogin(runtime, parts.settings),
        AnswerDeviceLogin(runtime, waiting, clients, of_programs, events),
        DeviceCodeGrant(runtime, parts.start, of_programs, parts.log, events),
    )


@dataclass(frozen=True, slots=True)
class OAuthPages:
    """The use cases of the pages."""

    authorize: AuthorizePage
    device: DevicePage


def oauth_pages(
    parts: Parts,
    logins: Logins,
    authorizations: Authorizations,
    device_login: DeviceLogin,
    tenants: TenantList,
    verifier: Verifier,
) -> OAuthPages:
    """Wires the pages."""
    runtime, settings, tokens = parts.runtime, parts.settings, FormTokens(parts.runtime.seal)
    browsers = Browsers(
        runtime, logins.refresh, logins.devices, verifier.verify, settings.login_idle_seconds
    )
    login_pages = LoginPages(
        runtime, browsers, tokens, logins.password_login, logins.second_factor_login
    )
    answer_page, origin = AnswerPage(runtime, tokens, tenants), origin_of(settings.token_issuer)
    return OAuthPages(
        AuthorizePage(
            runtime,
            origin,
            browsers,
            authorizations.requests,
            authorizations.approval,
            login_pages,
            answer_page,
        ),
        DevicePage(
            runtime, origin, browsers, tokens, login_pages, answer_page, device_login.answer
        ),
    )
