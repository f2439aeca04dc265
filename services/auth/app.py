"""Wires auth: its parts, and which part uses which."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from kernel import log
from kernel.clock import Clock
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.ids import Ids
from kernel.mail.open import open_mail
from kernel.rpc.auth_connection import peers_of
from kernel.rpc.authorization import Authorizer
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer, serve
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from kernel.telemetry import Telemetry
from services.auth import clients, operator_wiring, program_wiring, wiring
from services.auth.accounts.export import ExportAccount, ExportSource
from services.auth.accounts.servicer import AccountsServicer, check_profile, password_check
from services.auth.audit_events.repository import AUDIT_EVENTS
from services.auth.authorizations.servicer import AuthorizationsServicer
from services.auth.bearer_tokens.servicer import AuthorizationServicer
from services.auth.clients import RemoteSessions, RemoteTenants
from services.auth.deliveries import AuditEventDeliveries, Deliveries
from services.auth.device_login.servicer import DeviceLoginServicer
from services.auth.discovery.metadata import Discovery
from services.auth.discovery.servicer import DiscoveryServicer
from services.auth.email_addresses.servicer import EmailAddressesServicer
from services.auth.factors.servicer import FactorsServicer
from services.auth.grants.servicer import GrantsServicer
from services.auth.internal import AuthInternalServicer
from services.auth.logins.browser_mode import BrowserModeCheck
from services.auth.logins.servicer import LoginsServicer
from services.auth.notifications.mailer import UserMailer
from services.auth.notifications.repository import EMAILS
from services.auth.oauth.servicer import OAuthServicer
from services.auth.oauth_clients.servicer import OAuthClientsServicer
from services.auth.oauth_pages.servicer import OAuthPagesServicer
from services.auth.operator_log.log import OperatorLog
from services.auth.operator_log.servicer import OperatorLogServicer
from services.auth.operator_users.servicer import OperatorUsersServicer
from services.auth.operators.listing import OperatorList
from services.auth.operators.servicer import OperatorsServicer
from services.auth.outbox.repository import OUTBOX
from services.auth.passkeys.servicer import PasskeysServicer
from services.auth.password_reset.servicer import PasswordResetServicer
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.hashing import Passwords
from services.auth.passwords.sources import sources_of
from services.auth.personal_access_tokens.servicer import PersonalAccessTokensServicer
from services.auth.program_wiring import (
    Authorizations,
    BearerCredentials,
    ClientParts,
    OAuth,
    Programs,
    TokenTools,
)
from services.auth.recovery_codes.servicer import RecoveryCodesServicer
from services.auth.revocations.log import RevocationLog
from services.auth.revocations.servicer import RevocationsServicer
from services.auth.revocations.waits import RevocationWaits
from services.auth.security_log.servicer import SecurityLogServicer
from services.auth.service_accounts.servicer import ServiceAccountsServicer, check_update
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.signing_keys.servicer import KeysServicer
from services.auth.sweeper import sweeper
from services.auth.tokens.access import AccessTokens
from services.auth.tokens.identity import IdTokens
from services.auth.totp.resealing import ResealTotps
from services.auth.totp.servicer import TotpServicer
from services.auth.wiring import (
    Accounts,
    EmailAddresses,
    Factors,
    Logins,
    Parts,
    PasswordReset,
)
from services.auth.workspace_tokens.servicer import WorkspaceTokensServicer

Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Runs as long as the process."""

_logger = log.get(__name__)


def build(settings: AuthSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires auth."""
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    service_tokens = ServiceTokens("auth", secrets_of(settings.service_keys), clock)
    tenants_client, sessions_client = _clients(settings, service_tokens)
    tenants, sessions = RemoteTenants(tenants_client), RemoteSessions(sessions_client)

    telemetry = Telemetry()
    verifier = Verifier.of(settings, clock)
    revocations = Revocations(settings.feed_stale_seconds, clock)
    log = RevocationLog(
        runtime, revocations, settings.settle_seconds, RevocationWaits(telemetry).count
    )
    signing_keys = _signing_keys(runtime, settings, verifier, log)
    breached = BreachedPasswords(sources_of(settings), telemetry.registry)
    passwords = Passwords(settings, breached, telemetry.registry)
    access_tokens = AccessTokens(signing_keys, settings)
    parts = wiring.parts_of(runtime, settings, telemetry, log, access_tokens, passwords)
    accounts, logins = wiring.accounts(parts), wiring.logins(parts, tenants)
    factors = wiring.factors(parts)
    tools = TokenTools(access_tokens, IdTokens(signing_keys, settings), verifier, revocations)
    programs = program_wiring.programs(parts, logins, tenants, sessions, tools)
    export = _export(store, accounts, logins, factors, programs, (tenants, sessions))
    return App(
        seal=runtime.seal,
        login_tokens_check=BrowserModeCheck(settings.known_origins),
        servicers=[
            _accounts(accounts, parts, export),
            _logins(logins),
            *_factors(factors),
            *_programs(programs),
            serve(SecurityLogServicer(accounts.activity)),
            _email_addresses(wiring.email_addresses(parts)),
            _password_reset(wiring.password_reset(parts)),
            serve(KeysServicer(signing_keys)),
            serve(DiscoveryServicer(Discovery(settings), signing_keys)),
            serve(RevocationsServicer(log, signing_keys)),
            *_operators(parts, export),
            _internal(accounts, log, programs.bearer, OperatorLog(runtime)),
        ],
        authorizer=Authorizer(verifier, revocations, service_tokens, peers_of(settings)),
        telemetry=telemetry,
        prepare=[breached.check, signing_keys.refresh, parts.unknown_accounts.refresh],
        tasks={
            "follow_revocations": log.run,
            "rotate_signing_keys": signing_keys.run,
            "sample_hash_settings": parts.unknown_accounts.run,
            "sweep": telemetry.sweeping(_sweeper(parts, programs.bearer)),
            "note_token_uses": programs.bearer.exchange.run,
            "reseal_totps": ResealTotps(runtime, len(secrets_of(settings.seal_keys))).run,
            **_delivering(runtime, settings, tenants, sessions, telemetry),
        },
        checks=[revocations.ready, store.ping],
        stoppers=[log.stop],
        closers=[
            programs.bearer.exchange.close,
            *(tenants_client.close, sessions_client.close),
            *(passwords.close, breached.close),
        ],
    )


def _clients(settings: AuthSettings, tokens: ServiceTokens) -> tuple[Client, Client]:
    """What calls tenants, and what calls sessions."""
    return (
        Client(str(settings.tenants_address), "tenants", (clients.TENANTS,), tokens),
        Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), tokens),
    )


def _accounts(accounts: Accounts, parts: Parts, export: ExportAccount) -> Servicer:
    servicer = AccountsServicer(
        accounts.registration_request if parts.must_verify else accounts.registration,
        accounts.profile,
        accounts.password_change,
        accounts.deletion,
        export,
    )
    checks = {"Register": password_check(parts.passwords.policy), "UpdateMe": check_profile}
    return serve(servicer, checks)


def _export(
    store: Store,
    accounts: Accounts,
    logins: Logins,
    factors: Factors,
    programs: Programs,
    sources: Sequence[ExportSource],
) -> ExportAccount:
    return ExportAccount(
        store,
        accounts.profile,
        logins.devices,
        programs.oauth.grants,
        factors.factors,
        programs.bearer.personal_access_tokens,
        programs.bearer.workspace_tokens,
        accounts.activity,
        sources,
    )


def _logins(logins: Logins) -> Servicer:
    servicer = LoginsServicer(
        logins.password_login,
        logins.second_factor_login,
        logins.passkey_login,
        logins.refresh,
        logins.devices,
        logins.switch_tenant,
        logins.reauthentication,
    )
    return serve(servicer)


def _factors(factors: Factors) -> list[Servicer]:
    return [
        serve(FactorsServicer(factors.factors, factors.recovery, factors.undo)),
        serve(TotpServicer(factors.totp)),
        serve(PasskeysServicer(factors.passkeys)),
        serve(RecoveryCodesServicer(factors.recovery_codes)),
    ]


def _programs(programs: Programs) -> list[Servicer]:
    clients, devices, pages = programs.clients, programs.device_login, programs.pages
    return [
        *_bearer_credentials(programs.bearer),
        serve(OAuthClientsServicer(clients.of_tenants, clients.registration)),
        serve(DeviceLoginServicer(clients.authentication, devices.start, devices.answer)),
        serve(OAuthPagesServicer(pages.authorize, pages.device, to_console=pages.to_console)),
        *_oauth(clients, programs.authorizations, programs.oauth),
    ]


def _bearer_credentials(bearer: BearerCredentials) -> list[Servicer]:
    accounts = ServiceAccountsServicer(bearer.service_accounts, bearer.service_account_keys)
    return [
        serve(AuthorizationServicer(bearer.exchange)),
        serve(PersonalAccessTokensServicer(bearer.personal_access_tokens)),
        serve(WorkspaceTokensServicer(bearer.workspace_tokens)),
        serve(accounts, {"UpdateServiceAccount": check_update}),
    ]


def _operators(parts: Parts, export: ExportAccount) -> list[Servicer]:
    users = operator_wiring.operator_users(parts, export)
    return [
        serve(OperatorUsersServicer(users.looking, users.access, users.recovering, users.keeping)),
        serve(OperatorsServicer(OperatorList(parts.runtime))),
        serve(OperatorLogServicer(OperatorLog(parts.runtime))),
    ]


def _internal(
    accounts: Accounts, log: RevocationLog, bearer: BearerCredentials, operator_log: OperatorLog
) -> Servicer:
    servicer = AuthInternalServicer(
        accounts.profile,
        accounts.email_proof,
        log,
        bearer.erase_tenant,
        bearer.end_session_tokens,
        operator_log,
    )
    return serve(servicer)


def _sweeper(parts: Parts, bearer: BearerCredentials) -> Sweeper:
    return sweeper(
        parts.runtime.store,
        parts.runtime.clock,
        parts.settings,
        parts.deletions.erase_due,
        bearer.personal_notices.queue_due,
        bearer.service_key_notices.queue_due,
    )


def _oauth(clients: ClientParts, authorizations: Authorizations, oauth: OAuth) -> list[Servicer]:
    endpoints = OAuthServicer(
        clients.authentication,
        oauth.tokens,
        authorizations.push,
        oauth.revocation,
        oauth.introspection,
        oauth.user_info,
    )
    return [
        serve(endpoints),
        serve(
            AuthorizationsServicer(
                authorizations.requests, authorizations.steps, authorizations.approval
            )
        ),
        serve(GrantsServicer(oauth.grants)),
    ]


def _email_addresses(addresses: EmailAddresses) -> Servicer:
    servicer = EmailAddressesServicer(
        addresses.verification, addresses.proofs, addresses.change, addresses.undo
    )
    return serve(servicer)


def _password_reset(reset: PasswordReset) -> Servicer:
    return serve(PasswordResetServicer(reset.forgot, reset.reset))


def _delivering(
    runtime: Runtime,
    settings: AuthSettings,
    tenants: RemoteTenants,
    sessions: RemoteSessions,
    telemetry: Telemetry,
) -> dict[str, Task]:
    """The tasks that tell other services of users and of programs, and that send emails."""
    store = runtime.store
    deliveries = Deliveries(store, tenants, sessions)
    deliver = telemetry.delivering("auth/outbox", OUTBOX, deliveries.deliver)
    return {
        "deliver_outbox": lambda: OUTBOX.run(store, deliver),
        **_auditing(store, tenants, telemetry),
        **_mailing(runtime, settings, telemetry),
    }


def _auditing(store: Store, tenants: RemoteTenants, telemetry: Telemetry) -> dict[str, Task]:
    """The task that passes events on to the audit logs of organizations."""
    deliveries = AuditEventDeliveries(store, tenants)
    deliver = telemetry.delivering("auth/audit_events", AUDIT_EVENTS, deliveries.deliver)
    return {"deliver_audit_events": lambda: AUDIT_EVENTS.run(store, deliver)}


def _mailing(runtime: Runtime, settings: AuthSettings, telemetry: Telemetry) -> dict[str, Task]:
    """The task that sends emails, if MAIL_URL is set."""
    if settings.mail_url is None:
        _logger.warning("no MAIL_URL: no email is sent to users")
        return {}
    mail = open_mail(settings.mail_url)
    mailer = UserMailer(runtime, mail, settings.mail_from, settings.account_link)
    send = telemetry.delivering("auth/emails", EMAILS, mailer.deliver)
    return {"send_emails": lambda: EMAILS.run(runtime.store, runtime.clock, send)}


def _signing_keys(
    runtime: Runtime, settings: AuthSettings, verifier: Verifier, log: RevocationLog
) -> SigningKeys:
    """The signing keys. A change of them reaches auth's own verifier and the other services."""
    signing_keys = SigningKeys(runtime, settings)

    def trust_own_keys() -> None:
        verifier.trust({key.kid: key.public for key in signing_keys.published})
        log.wake()

    signing_keys.on_change = trust_own_keys
    return signing_keys
