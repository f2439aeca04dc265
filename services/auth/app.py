"""Wires auth: its parts, and which part uses which."""

from kernel.clock import Clock
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.ids import Ids
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
from services.auth.accounts.export import ExportAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.profile import AccountProfile
from services.auth.accounts.registration import RegisterAccount
from services.auth.accounts.servicer import AccountsServicer, check_password
from services.auth.clients import RemoteSessions, RemoteTenants
from services.auth.deliveries import Deliveries
from services.auth.internal import AuthInternalServicer
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.confirmation import PasswordConfirmation
from services.auth.logins.devices import Devices
from services.auth.logins.password_login import PasswordLogin
from services.auth.logins.reauthentication import Reauthentication
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.servicer import LoginsServicer
from services.auth.logins.start import StartLogin
from services.auth.logins.switch_tenant import SwitchTenant
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.outbox.repository import OUTBOX
from services.auth.passwords.hashing import Passwords
from services.auth.revocations.log import RevocationLog
from services.auth.revocations.servicer import RevocationsServicer
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from services.auth.signing_keys.servicer import KeysServicer
from services.auth.sweeper import sweeper
from services.auth.tokens.access import AccessTokens


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
    unknown_accounts = UnknownAccounts(runtime, passwords)
    confirmation = PasswordConfirmation(runtime, passwords)
    access_tokens = AccessTokens(signing_keys, settings)
    start = StartLogin(runtime, settings, access_tokens)
    active_tenant = ActiveTenant(tenants)
    profile, devices = AccountProfile(runtime), Devices(runtime, log)
    deliver = telemetry.delivering("auth/outbox", Deliveries(store, tenants, sessions).deliver)
    accounts = AccountsServicer(
        RegisterAccount(runtime, passwords, start),
        profile,
        ChangePassword(runtime, passwords, confirmation, log),
        DeleteAccount(runtime, confirmation, log),
        ExportAccount(profile, devices, (tenants, sessions)),
    )
    logins = LoginsServicer(
        PasswordLogin(runtime, passwords, start, active_tenant, unknown_accounts),
        RefreshLogin(runtime, settings, start, log, active_tenant),
        devices,
        SwitchTenant(runtime, start, active_tenant),
        Reauthentication(runtime, confirmation, access_tokens),
    )
    return App(
        seal=runtime.seal,
        servicers=[
            serve(accounts, {"Register": check_password}),
            serve(logins),
            serve(KeysServicer(signing_keys)),
            serve(RevocationsServicer(log, signing_keys)),
            serve(AuthInternalServicer(profile, log)),
        ],
        authorizer=Authorizer(verifier, revocations, service_tokens, peers_of(settings)),
        telemetry=telemetry,
        prepare=[signing_keys.refresh, unknown_accounts.refresh],
        tasks={
            "follow_revocations": log.run,
            "rotate_signing_keys": signing_keys.run,
            "sample_hash_settings": unknown_accounts.run,
            "sweep": sweeper(store, clock, settings).run,
            "deliver_outbox": lambda: OUTBOX.run(store, deliver),
        },
        checks=[revocations.ready, store.ping],
        stoppers=[log.stop],
        closers=[tenants_client.close, sessions_client.close, passwords.close],
    )


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
