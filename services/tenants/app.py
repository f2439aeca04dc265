"""Tenants, wired: what it consists of and how the parts know each other."""

from collections.abc import Callable, Coroutine
from typing import Any

from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from coditect.tenants.v5 import tenants_pb2_grpc
from kernel import log
from kernel.clock import Clock
from kernel.ids import Ids
from kernel.mail import open_mail
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer
from kernel.rpc.trust import trust_in
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.tenants import clients, keys
from services.tenants.audit import Audit
from services.tenants.clients import RemoteProfiles, StandingDeliveries
from services.tenants.exports import Exports
from services.tenants.invitations import Invitations
from services.tenants.joining import Joining
from services.tenants.letters import Envelope
from services.tenants.mailing import MailDeliveries
from services.tenants.members import Members
from services.tenants.organisations import Organisations
from services.tenants.servicer import TenantsInternalServicer, TenantsServicer
from services.tenants.settings import TenantsSettings
from services.tenants.sweeper import sweeper
from services.tenants.tenants import Tenants

_logger = log.get(__name__)


def build(settings: TenantsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires tenants."""
    trust = trust_in(settings.auth_address, "tenants", settings, clock, (clients.AUTH,))
    sessions = Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), trust.tokens)
    seal = Seal(secrets_of(settings.seal_keys))
    profiles = RemoteProfiles(trust.auth)
    tenants = Tenants(store, clock, seal, settings)
    organisations = Organisations(store, clock, ids, profiles, settings)
    members, audit = Members(store, clock, seal, settings), Audit(store, clock, seal)
    invitations = Invitations(store, clock, ids, seal, settings)
    joining = Joining(store, clock, profiles, settings)
    deliveries, telemetry = StandingDeliveries(trust.auth, sessions), Telemetry()

    async def tell_auth() -> None:
        deliver = telemetry.delivering("tenants/revocations", deliveries.deliver_revocation)
        await keys.REVOCATIONS.run(store, deliver)

    async def tell_sessions() -> None:
        deliver = telemetry.delivering("tenants/endings", deliveries.deliver_ending)
        await keys.ENDINGS.run(store, deliver)

    return App(
        servicers=[
            Servicer(
                "coditect.tenants.v5.TenantsService",
                tenants_pb2_grpc.add_TenantsServiceServicer_to_server,
                TenantsServicer(tenants, organisations, members, invitations, joining, audit, seal),
            ),
            Servicer(
                "coditect.tenants.internal.v1.TenantsInternalService",
                internal_grpc.add_TenantsInternalServiceServicer_to_server,
                TenantsInternalServicer(tenants, Exports(store, seal)),
            ),
        ],
        gate=trust.gate,
        telemetry=telemetry,
        tasks=[
            trust.feed.run,
            sweeper(store, clock, settings).run,
            tell_auth,
            tell_sessions,
            *_mailing(settings, store, clock, seal, telemetry),
        ],
        checks=[trust.gate.revocations.ready, store.ping],
        closers=[trust.auth.close, sessions.close],
    )


def _mailing(
    settings: TenantsSettings, store: Store, clock: Clock, seal: Seal, telemetry: Telemetry
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """The task that sends mail, if it is said how."""
    if settings.mail_url is None:
        _logger.warning("no MAIL_URL: nobody is mailed")
        return []
    envelope = Envelope(settings.mail_from, settings.invitation_link)
    deliveries = MailDeliveries(store, clock, seal, open_mail(settings.mail_url), envelope)

    async def send_mail() -> None:
        deliver = telemetry.delivering("tenants/mail", deliveries.deliver)
        await keys.MAIL.run(store, clock, deliver)

    return [send_mail]
