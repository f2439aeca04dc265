"""Auth, wired: what it consists of, and which part uses which."""

from coditect.auth.internal.v1 import auth_pb2_grpc as internal_grpc
from coditect.auth.v5 import accounts_pb2_grpc, keys_pb2_grpc, logins_pb2_grpc
from coditect.identity.v1 import revocations_pb2_grpc
from kernel.clock import Clock
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.ids import Ids
from kernel.rpc.auth_connection import peers_of
from kernel.rpc.authorization import Authorizer
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.auth import clients
from services.auth.accounts.confirmation import PasswordConfirmation
from services.auth.accounts.deletion import DeleteAccount
from services.auth.accounts.export import ExportAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.profile import AccountProfile
from services.auth.accounts.registration import RegisterAccount
from services.auth.accounts.servicer import AccountsServicer
from services.auth.clients import RemoteSessions, RemoteTenants
from services.auth.deliveries import Deliveries
from services.auth.internal import AuthInternalServicer
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.devices import Devices
from services.auth.logins.password_login import PasswordLogin
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.servicer import LoginsServicer
from services.auth.logins.start import StartLogin
from services.auth.logins.switch_tenant import SwitchTenant
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
    service_tokens = ServiceTokens("auth", secrets_of(settings.service_keys), clock)
    tenants_client, sessions_client = (
        Client(str(settings.tenants_address), "tenants", (clients.TENANTS,), service_tokens),
        Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), service_tokens),
    )
    tenants, sessions = RemoteTenants(tenants_client), RemoteSessions(sessions_client)

    seal, telemetry = Seal(secrets_of(settings.seal_keys)), Telemetry()
    verifier = Verifier(settings.token_issuer, settings.token_audience, clock)
    revocations = Revocations(settings.token_seconds, settings.feed_stale_seconds, clock)
    log = RevocationLog(store, revocations, clock, settings.settle_seconds)
    signing_keys = SigningKeys(store, seal, clock, ids, settings)

    def trust_own_keys() -> None:
        verifier.trust({key.kid: key.public_key for key in signing_keys.published})
        log.wake()

    signing_keys.on_change = trust_own_keys
    access_tokens = AccessTokens(signing_keys, settings)
    passwords = Passwords(settings)

    active_tenant = ActiveTenant(tenants)
    start = StartLogin(clock, ids, seal, settings, access_tokens)
    password_login = PasswordLogin(store, clock, ids, passwords, start, active_tenant)
    refresh = RefreshLogin(store, clock, ids, seal, settings, start, log, active_tenant)
    devices = Devices(store, clock, seal, log)
    switch_tenant = SwitchTenant(store, start, active_tenant)

    registration = RegisterAccount(store, clock, ids, seal, passwords, start)
    profile = AccountProfile(store, clock)
    confirmation = PasswordConfirmation(store, passwords)
    password_change = ChangePassword(store, clock, passwords, confirmation, log)
    deletion = DeleteAccount(store, clock, confirmation, log)
    export = ExportAccount(profile, devices, (tenants, sessions))

    deliver = telemetry.delivering("auth/outbox", Deliveries(store, tenants, sessions).deliver)
    sweeping = sweeper(store, clock, settings)

    # Functions of their own, so that each task has a name by which it is found.
    async def follow_revocations() -> None:
        await log.run()

    async def rotate_signing_keys() -> None:
        await signing_keys.run()

    async def deliver_outbox() -> None:
        await OUTBOX.run(store, deliver)

    async def sweep() -> None:
        await sweeping.run()

    return App(
        seal=seal,
        servicers=[
            Servicer(
                "coditect.auth.v5.AccountsService",
                accounts_pb2_grpc.add_AccountsServiceServicer_to_server,
                AccountsServicer(registration, profile, password_change, deletion, export, seal),
            ),
            Servicer(
                "coditect.auth.v5.LoginsService",
                logins_pb2_grpc.add_LoginsServiceServicer_to_server,
                LoginsServicer(password_login, refresh, devices, switch_tenant),
            ),
            Servicer(
                "coditect.auth.v5.KeysService",
                keys_pb2_grpc.add_KeysServiceServicer_to_server,
                KeysServicer(signing_keys),
            ),
            Servicer(
                "coditect.identity.v1.RevocationsService",
                revocations_pb2_grpc.add_RevocationsServiceServicer_to_server,
                RevocationsServicer(log, signing_keys),
            ),
            Servicer(
                "coditect.auth.internal.v1.AuthInternalService",
                internal_grpc.add_AuthInternalServiceServicer_to_server,
                AuthInternalServicer(profile, log),
            ),
        ],
        authorizer=Authorizer(verifier, revocations, service_tokens, peers_of(settings)),
        telemetry=telemetry,
        prepare=[signing_keys.refresh],
        tasks=[follow_revocations, rotate_signing_keys, sweep, deliver_outbox],
        checks=[revocations.ready, store.ping],
        stoppers=[log.stop],
        closers=[tenants_client.close, sessions_client.close, passwords.close],
    )
