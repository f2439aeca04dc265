"""Wires auth: its parts, and which part uses which."""

from collections.abc import Callable, Coroutine
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
from kernel.rpc.server import App, serve
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.auth import clients
from services.auth.accounts.deletion import DeleteAccount
from services.auth.accounts.email_proof import EmailProof
from services.auth.accounts.erasure import EraseAccount
from services.auth.accounts.export import ExportAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.pending_registration import PendingRegistrations
from services.auth.accounts.profile import AccountProfile
from services.auth.accounts.registration import RegisterAccount
from services.auth.accounts.registration_request import RequestRegistration
from services.auth.accounts.servicer import AccountsServicer, check_profile, password_check
from services.auth.clients import RemoteSessions, RemoteTenants
from services.auth.deliveries import Deliveries
from services.auth.email_addresses.change import ChangeEmail
from services.auth.email_addresses.proofs import EmailProofs, ProofHandler
from services.auth.email_addresses.registration import CompleteRegistration
from services.auth.email_addresses.servicer import EmailAddressesServicer
from services.auth.email_addresses.undo import UndoEmailChange
from services.auth.email_addresses.verification import EmailVerification
from services.auth.internal import AuthInternalServicer
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.confirmation import PasswordConfirmation
from services.auth.logins.devices import Devices
from services.auth.logins.failed_guesses import FailedGuesses
from services.auth.logins.password_check import CheckPassword
from services.auth.logins.password_login import PasswordLogin
from services.auth.logins.reauthentication import Reauthentication
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.servicer import LoginsServicer
from services.auth.logins.start import StartLogin
from services.auth.logins.switch_tenant import SwitchTenant
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.notifications.emails import Emails
from services.auth.notifications.mailer import UserMailer
from services.auth.notifications.repository import EMAILS
from services.auth.one_time_tokens.messages import check_proof
from services.auth.one_time_tokens.model import Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.outbox.repository import OUTBOX
from services.auth.password_reset.forgot import ForgotPassword
from services.auth.password_reset.reset import ResetPassword
from services.auth.password_reset.servicer import PasswordResetServicer
from services.auth.passwords.breached import BreachedPasswords
from services.auth.passwords.hashing import Passwords
from services.auth.passwords.policy import PasswordPolicy
from services.auth.passwords.sources import sources_of
from services.auth.revocations.log import RevocationLog
from services.auth.revocations.servicer import RevocationsServicer
from services.auth.security_log.activity import Activity
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.servicer import SecurityLogServicer
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.signing_keys.servicer import KeysServicer
from services.auth.sweeper import sweeper
from services.auth.throttling.throttle import Throttle
from services.auth.tokens.access import AccessTokens

Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Runs as long as the process."""

_logger = log.get(__name__)


def build(settings: AuthSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires auth."""
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    service_tokens = ServiceTokens("auth", secrets_of(settings.service_keys), clock)
    tenants_client, sessions_client = (
        Client(str(settings.tenants_address), "tenants", (clients.TENANTS,), service_tokens),
        Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), service_tokens),
    )
    tenants, sessions = RemoteTenants(tenants_client), RemoteSessions(sessions_client)

    telemetry = Telemetry()
    verifier = Verifier.of(settings, clock)
    revocations = Revocations(settings.feed_stale_seconds, clock)
    log = RevocationLog(runtime, revocations, settings.settle_seconds)
    signing_keys = _signing_keys(runtime, settings, verifier, log)
    passwords = Passwords(settings)
    breached = BreachedPasswords(sources_of(settings), telemetry.registry)
    policy = PasswordPolicy(settings, breached)
    unknown_accounts = UnknownAccounts(runtime, passwords)
    emails, events = Emails(runtime, settings), SecurityEvents(telemetry)
    throttle = Throttle(runtime, settings, FailedGuesses(emails, events))
    check = CheckPassword(passwords, unknown_accounts, telemetry)
    confirmation = PasswordConfirmation(runtime, throttle, check)
    access_tokens = AccessTokens(signing_keys, settings)
    start = StartLogin(runtime, settings, access_tokens)
    active_tenant = ActiveTenant(tenants)
    activity = Activity(runtime, events)
    profile, devices = AccountProfile(runtime), Devices(runtime, log, events)
    tokens, erasure = OneTimeTokens(runtime), EraseAccount(throttle)
    presented = PresentedProofs(runtime, tokens, throttle)
    verification = EmailVerification(
        runtime, settings, tokens, emails, passwords, policy, erasure, log, events
    )
    pending = PendingRegistrations(runtime, settings, tokens, emails)
    change = ChangeEmail(runtime, settings, tokens, emails, erasure, log, events)
    proofs: dict[Purpose, ProofHandler] = {
        Purpose.VERIFY_EMAIL: verification,
        Purpose.REGISTER: CompleteRegistration(
            runtime, tokens, pending, passwords, policy, erasure, log, events
        ),
        Purpose.CHANGE_EMAIL: change,
    }
    must_verify = settings.registration == "verified"
    deliver = telemetry.delivering("auth/outbox", Deliveries(store, tenants, sessions).deliver)
    accounts = AccountsServicer(
        RequestRegistration(runtime, passwords, policy, pending)
        if must_verify
        else RegisterAccount(
            runtime, passwords, policy, start, verification, pending, throttle, events
        ),
        profile,
        ChangePassword(runtime, passwords, policy, confirmation, log, emails, events),
        DeleteAccount(runtime, confirmation, erasure, log, events),
        ExportAccount(profile, devices, activity, (tenants, sessions)),
    )
    logins = LoginsServicer(
        PasswordLogin(
            runtime,
            passwords,
            start,
            active_tenant,
            throttle,
            check,
            emails,
            events,
            verification if must_verify else None,
        ),
        RefreshLogin(runtime, settings, start, log, active_tenant, emails, events),
        devices,
        SwitchTenant(runtime, start, active_tenant, events),
        Reauthentication(runtime, confirmation, start, access_tokens, log, events),
    )
    return App(
        seal=runtime.seal,
        servicers=[
            serve(accounts, {"Register": password_check(policy), "UpdateMe": check_profile}),
            serve(logins),
            serve(SecurityLogServicer(activity)),
            serve(
                EmailAddressesServicer(
                    verification,
                    EmailProofs(presented, proofs),
                    change,
                    UndoEmailChange(runtime, settings, tokens, emails, erasure, log, events),
                ),
                {"VerifyEmail": check_proof},
            ),
            serve(
                PasswordResetServicer(
                    ForgotPassword(runtime, settings, tokens, emails),
                    ResetPassword(
                        runtime,
                        tokens,
                        presented,
                        passwords,
                        policy,
                        erasure,
                        throttle,
                        emails,
                        log,
                        events,
                    ),
                ),
                {"ResetPassword": check_proof},
            ),
            serve(KeysServicer(signing_keys)),
            serve(RevocationsServicer(log, signing_keys)),
            serve(AuthInternalServicer(profile, EmailProof(runtime, events), log)),
        ],
        authorizer=Authorizer(verifier, revocations, service_tokens, peers_of(settings)),
        telemetry=telemetry,
        prepare=[breached.check, signing_keys.refresh, unknown_accounts.refresh],
        tasks={
            "follow_revocations": log.run,
            "rotate_signing_keys": signing_keys.run,
            "sample_hash_settings": unknown_accounts.run,
            "sweep": sweeper(store, clock, settings).run,
            "deliver_outbox": lambda: OUTBOX.run(store, deliver),
            **_mailing(runtime, settings, telemetry),
        },
        checks=[revocations.ready, store.ping],
        stoppers=[log.stop],
        closers=[tenants_client.close, sessions_client.close, passwords.close, breached.close],
    )


def _mailing(runtime: Runtime, settings: AuthSettings, telemetry: Telemetry) -> dict[str, Task]:
    """The task that sends emails, if MAIL_URL is set."""
    if settings.mail_url is None:
        _logger.warning("no MAIL_URL: no email is sent to users")
        return {}
    mail = open_mail(settings.mail_url)
    mailer = UserMailer(runtime, mail, settings.mail_from, settings.account_link)
    send = telemetry.delivering("auth/emails", mailer.deliver)
    return {"send_emails": lambda: EMAILS.run(runtime.store, runtime.clock, send)}


def _signing_keys(
    runtime: Runtime, settings: AuthSettings, verifier: Verifier, log: RevocationLog
) -> SigningKeys:
    """The signing keys. A change of them reaches auth's own verifier and the other services."""
    signing_keys = SigningKeys(runtime, settings)

    def trust_own_keys() -> None:
        verifier.trust({key.kid: key.public_key for key in signing_keys.published})
        log.wake()

    signing_keys.on_change = trust_own_keys
    return signing_keys
