"""Wires auth: its parts, and which part uses which."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

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
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.recipes.outbox import Deliver
from kernel.storage.recipes.sweeping import Sweeper
from kernel.telemetry import Telemetry
from services.auth import clients
from services.auth.accounts.confirmation import PasswordConfirmation
from services.auth.accounts.deletion import DeleteAccount
from services.auth.accounts.export import ExportAccount, ExportSource
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.profile import AccountProfile
from services.auth.accounts.registration import RegisterAccount
from services.auth.accounts.servicer import AccountsServicer, check_password
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
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    service_tokens = ServiceTokens("auth", secrets_of(settings.service_keys), clock)
    tenants_client, sessions_client = (
        Client(str(settings.tenants_address), "tenants", (clients.TENANTS,), service_tokens),
        Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), service_tokens),
    )
    tenants, sessions = RemoteTenants(tenants_client), RemoteSessions(sessions_client)

    telemetry = Telemetry()
    verifier = Verifier(settings.token_issuer, settings.token_audience, clock)
    revocations = Revocations(settings.token_seconds, settings.feed_stale_seconds, clock)
    log = RevocationLog(runtime, revocations, settings.settle_seconds)
    signing_keys = _signing_keys(runtime, settings, verifier, log)
    passwords = Passwords(settings)
    start = StartLogin(runtime, settings, AccessTokens(signing_keys, settings))
    profile, devices = AccountProfile(runtime), Devices(runtime, log)
    return App(
        seal=runtime.seal,
        servicers=[
            _accounts(runtime, passwords, start, log, profile, devices, (tenants, sessions)),
            _logins(runtime, settings, passwords, start, log, devices, tenants),
            _keys(signing_keys),
            _revocations(log, signing_keys),
            _internal(profile, log),
        ],
        authorizer=Authorizer(verifier, revocations, service_tokens, peers_of(settings)),
        telemetry=telemetry,
        prepare=[signing_keys.refresh],
        tasks=_tasks(
            log,
            signing_keys,
            sweeper(store, clock, settings),
            store,
            telemetry.delivering("auth/outbox", Deliveries(store, tenants, sessions).deliver),
        ),
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


def _accounts(
    runtime: Runtime,
    passwords: Passwords,
    start: StartLogin,
    log: RevocationLog,
    profile: AccountProfile,
    devices: Devices,
    sources: Sequence[ExportSource],
) -> Servicer:
    confirmation = PasswordConfirmation(runtime, passwords)
    return Servicer(
        "coditect.auth.v5.AccountsService",
        accounts_pb2_grpc.add_AccountsServiceServicer_to_server,
        AccountsServicer(
            RegisterAccount(runtime, passwords, start),
            profile,
            ChangePassword(runtime, passwords, confirmation, log),
            DeleteAccount(runtime, confirmation, log),
            ExportAccount(profile, devices, sources),
        ),
        checks={"Register": check_password},
    )


def _logins(
    runtime: Runtime,
    settings: AuthSettings,
    passwords: Passwords,
    start: StartLogin,
    log: RevocationLog,
    devices: Devices,
    tenants: RemoteTenants,
) -> Servicer:
    active_tenant = ActiveTenant(tenants)
    return Servicer(
        "coditect.auth.v5.LoginsService",
        logins_pb2_grpc.add_LoginsServiceServicer_to_server,
        LoginsServicer(
            PasswordLogin(runtime, passwords, start, active_tenant),
            RefreshLogin(runtime, settings, start, log, active_tenant),
            devices,
            SwitchTenant(runtime, start, active_tenant),
        ),
    )


def _keys(signing_keys: SigningKeys) -> Servicer:
    return Servicer(
        "coditect.auth.v5.KeysService",
        keys_pb2_grpc.add_KeysServiceServicer_to_server,
        KeysServicer(signing_keys),
    )


def _revocations(log: RevocationLog, signing_keys: SigningKeys) -> Servicer:
    return Servicer(
        "coditect.identity.v1.RevocationsService",
        revocations_pb2_grpc.add_RevocationsServiceServicer_to_server,
        RevocationsServicer(log, signing_keys),
    )


def _internal(profile: AccountProfile, log: RevocationLog) -> Servicer:
    return Servicer(
        "coditect.auth.internal.v1.AuthInternalService",
        internal_grpc.add_AuthInternalServiceServicer_to_server,
        AuthInternalServicer(profile, log),
    )


def _tasks(
    log: RevocationLog,
    signing_keys: SigningKeys,
    sweeping: Sweeper,
    store: Store,
    deliver: Deliver,
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """What runs beside the server, as functions with names."""

    async def follow_revocations() -> None:
        await log.run()

    async def rotate_signing_keys() -> None:
        await signing_keys.run()

    async def sweep() -> None:
        await sweeping.run()

    async def deliver_outbox() -> None:
        await OUTBOX.run(store, deliver)

    return [follow_revocations, rotate_signing_keys, sweep, deliver_outbox]
