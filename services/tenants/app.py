"""Tenants, wired: what it consists of and how the parts know each other."""

from collections.abc import Callable, Coroutine
from typing import Any

from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from coditect.tenants.v5 import (
    audit_pb2_grpc,
    invitations_pb2_grpc,
    members_pb2_grpc,
    tenants_pb2_grpc,
)
from kernel import log
from kernel.clock import Clock
from kernel.ids import Ids
from kernel.mail import open_mail
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.tenants import clients
from services.tenants.audit.audit import Audit
from services.tenants.audit.servicer import AuditServicer
from services.tenants.clients import RemoteProfiles, RevocationDeliveries
from services.tenants.exports import Exports
from services.tenants.internal import TenantsInternalServicer
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.email import Envelope
from services.tenants.invitations.email_delivery import InvitationMailer
from services.tenants.invitations.invitations import Invitations
from services.tenants.invitations.servicer import InvitationsServicer
from services.tenants.members.members import Members
from services.tenants.members.servicer import MembersServicer
from services.tenants.organizations.listing import Tenants
from services.tenants.organizations.organizations import Organizations
from services.tenants.organizations.servicer import TenantsServicer
from services.tenants.revocations import repository as revocations
from services.tenants.settings import TenantsSettings
from services.tenants.sweeper import sweeper

_logger = log.get(__name__)


def build(settings: TenantsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires tenants."""
    trust = connect_to_auth(settings.auth_address, "tenants", settings, clock, (clients.AUTH,))
    sessions = Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), trust.tokens)
    seal = Seal(secrets_of(settings.seal_keys))
    profiles = RemoteProfiles(trust.auth)
    tenants = Tenants(store, clock, seal, settings)
    organizations = Organizations(store, clock, ids, profiles, settings)
    members, audit = Members(store, clock, seal, settings), Audit(store, clock, seal)
    invitations = Invitations(store, clock, ids, seal, settings)
    acceptance = Acceptance(store, clock, profiles, settings)
    deliveries, telemetry = RevocationDeliveries(trust.auth, sessions), Telemetry()

    async def deliver_token_revocations() -> None:
        deliver = telemetry.delivering(
            "tenants/token_revocations", deliveries.deliver_token_revocation
        )
        await revocations.TOKEN_REVOCATIONS.run(store, deliver)

    async def deliver_session_revocations() -> None:
        deliver = telemetry.delivering(
            "tenants/session_revocations", deliveries.deliver_session_revocation
        )
        await revocations.SESSION_REVOCATIONS.run(store, deliver)

    return App(
        servicers=[
            Servicer(
                "coditect.tenants.v5.TenantsService",
                tenants_pb2_grpc.add_TenantsServiceServicer_to_server,
                TenantsServicer(tenants, organizations, seal),
            ),
            Servicer(
                "coditect.tenants.v5.MembersService",
                members_pb2_grpc.add_MembersServiceServicer_to_server,
                MembersServicer(members, seal),
            ),
            Servicer(
                "coditect.tenants.v5.InvitationsService",
                invitations_pb2_grpc.add_InvitationsServiceServicer_to_server,
                InvitationsServicer(invitations, acceptance, seal),
            ),
            Servicer(
                "coditect.tenants.v5.AuditService",
                audit_pb2_grpc.add_AuditServiceServicer_to_server,
                AuditServicer(audit),
            ),
            Servicer(
                "coditect.tenants.internal.v1.TenantsInternalService",
                internal_grpc.add_TenantsInternalServiceServicer_to_server,
                TenantsInternalServicer(tenants, Exports(store, seal)),
            ),
        ],
        authorizer=trust.authorizer,
        telemetry=telemetry,
        tasks=[
            trust.feed.run,
            sweeper(store, clock, settings).run,
            deliver_token_revocations,
            deliver_session_revocations,
            *_mailing(settings, store, clock, seal, telemetry),
        ],
        checks=[trust.authorizer.revocations.ready, store.ping],
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
    deliveries = InvitationMailer(store, clock, seal, open_mail(settings.mail_url), envelope)

    async def send_mail() -> None:
        deliver = telemetry.delivering("tenants/invitation_emails", deliveries.deliver)
        await invitations.INVITATION_EMAILS.run(store, clock, deliver)

    return [send_mail]
