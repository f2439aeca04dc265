"""Which rule of auth uses which, for programs: as `wiring` does it for users."""

from dataclasses import dataclass
from typing import Protocol

from kernel.identity.revocations import Revocations
from kernel.identity.tokens import Verifier
from kernel.origins import origin_of
from services.auth.authorizations.approval import ApproveAuthorization
from services.auth.authorizations.program_tenants import BoundTenants, ProgramTenants
from services.auth.authorizations.pushed import PushRequest
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.authorizations.steps import AuthorizationSteps
from services.auth.bearer_tokens.exchange import BearerTokens
from services.auth.device_login.answers import AnswerDeviceLogin, Clients
from services.auth.device_login.redemption import DeviceCodeGrant
from services.auth.device_login.start import StartDeviceLogin
from services.auth.device_login.wrong_codes import WaitingDevices
from services.auth.grants.grants import Grants
from services.auth.grants.start import StartGrant
from services.auth.logins.active_tenant import ActiveTenant, Tenants
from services.auth.logins.refresh import RefreshLogin, RefreshTenants
from services.auth.logins.tenant_authority import TenantAuthority
from services.auth.oauth.client_credentials import GrantToClient
from services.auth.oauth.code_exchange import ExchangeCode
from services.auth.oauth.introspection import IntrospectToken
from services.auth.oauth.issue import IssueTokens
from services.auth.oauth.model import GrantRule
from services.auth.oauth.refresh_exchange import ExchangeRefreshToken
from services.auth.oauth.revocation import RevokeToken
from services.auth.oauth.shown_tokens import ShownTokens
from services.auth.oauth.token_endpoint import ExchangeDeviceCode, TokenEndpoint
from services.auth.oauth.token_exchange import ExchangeAccessToken
from services.auth.oauth.user_info import UserInfo
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.dynamic_life import DynamicLife
from services.auth.oauth_clients.erasure import erase_tenant_clients
from services.auth.oauth_clients.metadata_documents import Fetch, MetadataDocuments
from services.auth.oauth_clients.model import GrantType
from services.auth.oauth_clients.registration import RegisterClient
from services.auth.oauth_clients.tenant_clients import TenantClients
from services.auth.oauth_pages.answer_page import AnswerPage, TenantList
from services.auth.oauth_pages.authorize_page import AuthorizePage
from services.auth.oauth_pages.browser import Browsers
from services.auth.oauth_pages.console import FORGOT_PASSWORD
from services.auth.oauth_pages.device_page import DevicePage
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.oauth_pages.login_pages import LoginPages
from services.auth.personal_access_tokens.notices import PersonalTokenNotices
from services.auth.personal_access_tokens.personal_access_tokens import PersonalAccessTokens
from services.auth.personal_access_tokens.source import PersonalTokenSource
from services.auth.service_accounts.access import ServiceAccountAccess, TenantStates
from services.auth.service_accounts.account_keys import ServiceAccountKeys
from services.auth.service_accounts.erasure import erase_accounts
from services.auth.service_accounts.notices import ServiceKeyNotices
from services.auth.service_accounts.service_accounts import ServiceAccounts
from services.auth.service_accounts.source import ServiceKeySource
from services.auth.service_accounts.tenant_erasure import EraseTenant
from services.auth.tokens.access import AccessTokens
from services.auth.tokens.identity import IdTokens
from services.auth.wiring import Logins, Parts
from services.auth.workspace_tokens.revocation import EndSessionTokens
from services.auth.workspace_tokens.sessions import HeldSessions
from services.auth.workspace_tokens.source import WorkspaceTokenSource
from services.auth.workspace_tokens.workspace_tokens import WorkspaceTokens


@dataclass(frozen=True, slots=True)
class ClientParts:
    """The OAuth clients: found, authenticated, and made by tenants and by themselves."""

    clients: OAuthClients
    authentication: ClientAuthentication
    of_tenants: TenantClients
    registration: RegisterClient


def oauth_clients(parts: Parts, tenants: Tenants, fetch: Fetch | None = None) -> ClientParts:
    """Wires OAuth clients.

    Args:
        parts: What several capabilities share.
        tenants: Where memberships are.
        fetch: What fetches metadata documents; None for what fetches public ones alone.
    """
    runtime, settings = parts.runtime, parts.settings
    documents = None
    if settings.client_metadata_documents == "on":
        documents = MetadataDocuments(runtime.clock, fetch or _document_fetch())
    clients = OAuthClients(runtime, documents)
    authority = TenantAuthority(runtime, ActiveTenant(tenants))
    return ClientParts(
        clients,
        ClientAuthentication(runtime, settings, clients, DynamicLife(runtime, settings)),
        TenantClients(runtime, settings, authority, parts.log, parts.events),
        RegisterClient(runtime, settings),
    )


def _document_fetch() -> Fetch:
    # Its HTTP client takes 3 MB: only where the setting asks for it.
    from services.auth.oauth_clients.document_fetch import DocumentFetch  # noqa: PLC0415

    return DocumentFetch()


@dataclass(frozen=True, slots=True)
class Authorizations:
    """The use cases of authorizations."""

    requests: AuthorizationRequests
    push: PushRequest
    steps: AuthorizationSteps
    approval: ApproveAuthorization


def authorizations(parts: Parts, tenants: Tenants, clients: OAuthClients) -> Authorizations:
    """Wires authorizations."""
    runtime, settings = parts.runtime, parts.settings
    requests = AuthorizationRequests(runtime, settings, clients)
    approval = ApproveAuthorization(runtime, ProgramTenants(ActiveTenant(tenants)), parts.events)
    return Authorizations(
        requests, PushRequest(runtime, requests), AuthorizationSteps(runtime, approval), approval
    )


@dataclass(frozen=True, slots=True)
class DeviceLogins:
    """The use cases of device login."""

    start: StartDeviceLogin
    answer: AnswerDeviceLogin
    grant: DeviceCodeGrant


def device_login(parts: Parts, tenants: Tenants, clients: Clients) -> DeviceLogins:
    """Wires device login."""
    runtime, events, of_programs = (
        parts.runtime,
        parts.events,
        ProgramTenants(ActiveTenant(tenants)),
    )
    waiting = WaitingDevices(runtime, events)
    return DeviceLogins(
        StartDeviceLogin(runtime, parts.settings),
        AnswerDeviceLogin(runtime, waiting, clients, of_programs, events),
        DeviceCodeGrant(runtime, _start_grant(parts), of_programs, parts.log, events),
    )


def _start_grant(parts: Parts) -> StartGrant:
    return StartGrant(parts.settings, parts.start, parts.events)


@dataclass(frozen=True, slots=True)
class OAuth:
    """The use cases of the endpoints of OAuth, and of grants."""

    tokens: TokenEndpoint
    revocation: RevokeToken
    introspection: IntrospectToken
    user_info: UserInfo
    grants: Grants


def oauth(
    parts: Parts,
    tenants: Tenants,
    clients: OAuthClients,
    device_login: DeviceLogins,
    tokens: "TokenParts",
) -> OAuth:
    """Wires the endpoints of OAuth."""
    runtime, settings, log, events = parts.runtime, parts.settings, parts.log, parts.events
    of_programs = ProgramTenants(ActiveTenant(tenants))
    issue = IssueTokens(runtime, parts.start, tokens.id_tokens)

    def refresh(tenants: RefreshTenants) -> RefreshLogin:
        return RefreshLogin(runtime, settings, parts.start, log, tenants, events)

    rules: dict[GrantType, GrantRule] = {
        GrantType.AUTHORIZATION_CODE: ExchangeCode(
            runtime, of_programs, _start_grant(parts), issue, log, events
        ),
        GrantType.REFRESH_TOKEN: ExchangeRefreshToken(
            refresh(of_programs), refresh(BoundTenants(of_programs)), issue
        ),
        GrantType.DEVICE_CODE: ExchangeDeviceCode(device_login.grant, issue),
        GrantType.CLIENT_CREDENTIALS: GrantToClient(
            runtime, settings, tokens.service_accounts, tokens.access_tokens
        ),
        GrantType.TOKEN_EXCHANGE: ExchangeAccessToken(
            runtime, tokens.shown, of_programs, tokens.access_tokens
        ),
    }
    return OAuth(
        TokenEndpoint(settings, rules),
        RevokeToken(runtime, tokens.shown, log, events),
        IntrospectToken(runtime, settings, tokens.shown),
        UserInfo(runtime),
        Grants(runtime, clients, log, events),
    )


@dataclass(frozen=True, slots=True)
class TokenParts:
    """What issues tokens, and reads them."""

    access_tokens: AccessTokens
    id_tokens: IdTokens
    shown: ShownTokens
    service_accounts: ServiceAccountAccess


@dataclass(frozen=True, slots=True)
class OAuthPages:
    """The use cases of the pages."""

    authorize: AuthorizePage
    device: DevicePage
    to_console: bool
    """Whether browsers are sent to the pages of the console instead."""


def oauth_pages(
    parts: Parts,
    logins: Logins,
    authorizations: Authorizations,
    device_login: DeviceLogins,
    tenants: TenantList,
    verifier: Verifier,
) -> OAuthPages:
    """Wires the pages."""
    runtime, settings, tokens = parts.runtime, parts.settings, FormTokens(parts.runtime.seal)
    browsers = Browsers(
        runtime, logins.refresh, logins.devices, verifier.verify, settings.login_idle_seconds
    )
    to_console = settings.oauth_pages == "console"
    login_pages = LoginPages(
        runtime,
        browsers,
        tokens,
        logins.password_login,
        logins.second_factor_login,
        FORGOT_PASSWORD if to_console else "",
    )
    answer_page, origin = AnswerPage(runtime, tokens, tenants), origin_of(settings.token_issuer)
    return OAuthPages(
        AuthorizePage(
            origin,
            browsers,
            authorizations.requests,
            authorizations.steps,
            authorizations.approval,
            login_pages,
            answer_page,
        ),
        DevicePage(
            runtime, origin, browsers, tokens, login_pages, answer_page, device_login.answer
        ),
        to_console,
    )


class TenantsOfPrograms(Tenants, TenantStates, Protocol):
    """The service tenants, as far as the tokens of programs need it."""


@dataclass(frozen=True, slots=True)
class BearerCredentials:
    """The use cases of tokens that people make for programs, and the exchange of all of them."""

    personal_access_tokens: PersonalAccessTokens
    personal_notices: PersonalTokenNotices
    service_accounts: ServiceAccounts
    service_account_keys: ServiceAccountKeys
    service_account_access: ServiceAccountAccess
    service_key_notices: ServiceKeyNotices
    workspace_tokens: WorkspaceTokens
    end_session_tokens: EndSessionTokens
    exchange: BearerTokens
    erase_tenant: EraseTenant


def bearer_credentials(
    parts: Parts,
    tenants: TenantsOfPrograms,
    sessions: HeldSessions,
    access_tokens: AccessTokens,
    verifier: Verifier,
    revocations: Revocations,
) -> BearerCredentials:
    """Wires personal access tokens, service accounts, workspace tokens, and the exchange."""
    runtime, settings, log, events = parts.runtime, parts.settings, parts.log, parts.events
    active_tenant = ActiveTenant(tenants)
    authority = TenantAuthority(runtime, active_tenant)
    access = ServiceAccountAccess(runtime, tenants)
    return BearerCredentials(
        PersonalAccessTokens(runtime, settings, active_tenant, log, events),
        PersonalTokenNotices(events),
        ServiceAccounts(runtime, settings, authority, log, events),
        ServiceAccountKeys(runtime, settings, authority, log, events),
        access,
        ServiceKeyNotices(events),
        WorkspaceTokens(runtime, settings, active_tenant, sessions, log, events),
        EndSessionTokens(runtime, log),
        BearerTokens(
            runtime,
            access_tokens,
            verifier,
            revocations,
            PersonalTokenSource(active_tenant),
            ServiceKeySource(access),
            WorkspaceTokenSource(runtime.clock, active_tenant, sessions),
        ),
        EraseTenant(runtime, log, erase_accounts, erase_tenant_clients),
    )


class TenantsOfPeople(TenantsOfPrograms, TenantList, Protocol):
    """The service tenants, as far as programs need it, and the people who let them in."""


@dataclass(frozen=True, slots=True)
class TokenTools:
    """What signs tokens, and what checks them."""

    access_tokens: AccessTokens
    id_tokens: IdTokens
    verifier: Verifier
    revocations: Revocations


@dataclass(frozen=True, slots=True)
class Programs:
    """All about programs."""

    clients: ClientParts
    authorizations: Authorizations
    device_login: DeviceLogins
    bearer: BearerCredentials
    oauth: OAuth
    pages: OAuthPages


def programs(
    parts: Parts,
    logins: Logins,
    tenants: TenantsOfPeople,
    sessions: HeldSessions,
    tools: TokenTools,
) -> Programs:
    """Wires all about programs, for one process."""
    clients = oauth_clients(parts, tenants)
    requests = authorizations(parts, tenants, clients.clients)
    devices = device_login(parts, tenants, clients.clients)
    bearer = bearer_credentials(
        parts, tenants, sessions, tools.access_tokens, tools.verifier, tools.revocations
    )
    shown = ShownTokens(tools.verifier, tools.revocations, bearer.exchange)
    tokens = TokenParts(tools.access_tokens, tools.id_tokens, shown, bearer.service_account_access)
    return Programs(
        clients=clients,
        authorizations=requests,
        device_login=devices,
        bearer=bearer,
        oauth=oauth(parts, tenants, clients.clients, devices, tokens),
        pages=oauth_pages(parts, logins, requests, devices, tenants, tools.verifier),
    )
