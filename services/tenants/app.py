"""Wires tenants: its parts, and which of them uses which."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

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
from kernel.mail.open import open_mail
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.tenants import clients
from services.tenants.audit.audit import Audit
from services.tenants.audit.servicer import AuditServicer
from services.tenants.clients import (
    RemoteProfiles,
    RemoteSessionRevocations,
    RemoteTokenRevocations,
)
from services.tenants.deliveries import RevocationDeliveries
from services.tenants.internal import TenantsInternalServicer
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.email import Envelope
from services.tenants.invitations.email_delivery import InvitationMailer
from services.tenants.invitations.invitations import Invitations
from services.tenants.invitations.repository import INVITATION_EMAILS
from services.tenants.invitations.servicer import InvitationsServicer
from services.tenants.members.members import Members
from services.tenants.members.servicer import MembersServicer
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.profiles import MemberProfiles, Profiles
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.organizations.listing import TenantReader
from services.tenants.organizations.organizations import Organizations
from services.tenants.organizations.servicer import TenantsServicer, check_slug
from services.tenants.revocations.repository import SESSION_REVOCATIONS, TOKEN_REVOCATIONS
from services.tenants.settings import TenantsSettings
from services.tenants.sweeper import sweeper
from services.tenants.users.erasure import UserErasure
from services.tenants.users.export import UserExport

Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Runs as long as the process; its `__name__` tells which it is."""

_logger = log.get(__name__)


def build(settings: TenantsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires tenants."""
    auth = connect_to_auth(settings.auth_address, "tenants", settings, clock, (clients.AUTH,))
    sessions = Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), auth.tokens)
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    telemetry = Telemetry()
    deliveries = RevocationDeliveries(
        RemoteTokenRevocations(auth.auth), RemoteSessionRevocations(sessions)
    )

    async def follow_revocations() -> None:
        await auth.feed.run()

    async def sweep() -> None:
        await sweeper(store, clock, settings).run()

    return App(
        seal=runtime.seal,
        servicers=_servicers(runtime, settings, RemoteProfiles(auth.auth)),
        authorizer=auth.authorizer,
        telemetry=telemetry,
        tasks=[
            follow_revocations,
            sweep,
            *_delivering(store, deliveries, telemetry),
            *_mailing(runtime, settings, telemetry),
        ],
        checks=[auth.authorizer.revocations.ready, store.ping],
        closers=[auth.auth.close, sessions.close],
    )


def _servicers(runtime: Runtime, settings: TenantsSettings, profiles: Profiles) -> list[Servicer]:
    """Each gRPC service, with the use cases that it calls."""
    organizations = Organizations(runtime, profiles, settings)
    invitations = Invitations(runtime, settings)
    acceptance = Acceptance(runtime, profiles, settings)
    internal = TenantsInternalServicer(
        SelfTenants(runtime.store),
        MembershipLookup(runtime),
        MemberProfiles(runtime.store, profiles),
        UserErasure(runtime, settings),
        UserExport(runtime),
    )
    return [
        Servicer(
            "coditect.tenants.v5.TenantsService",
            tenants_pb2_grpc.add_TenantsServiceServicer_to_server,
            TenantsServicer(TenantReader(runtime), organizations),
            checks={"CreateTenant": check_slug},
        ),
        Servicer(
            "coditect.tenants.v5.MembersService",
            members_pb2_grpc.add_MembersServiceServicer_to_server,
            MembersServicer(Members(runtime, settings)),
        ),
        Servicer(
            "coditect.tenants.v5.InvitationsService",
            invitations_pb2_grpc.add_InvitationsServiceServicer_to_server,
            InvitationsServicer(invitations, acceptance),
        ),
        Servicer(
            "coditect.tenants.v5.AuditService",
            audit_pb2_grpc.add_AuditServiceServicer_to_server,
            AuditServicer(Audit(runtime)),
        ),
        Servicer(
            "coditect.tenants.internal.v1.TenantsInternalService",
            internal_grpc.add_TenantsInternalServiceServicer_to_server,
            internal,
        ),
    ]


def _delivering(store: Store, deliveries: RevocationDeliveries, telemetry: Telemetry) -> list[Task]:
    """The tasks that deliver access revocations."""

    async def deliver_token_revocations() -> None:
        deliver = telemetry.delivering(
            "tenants/token_revocations", deliveries.deliver_token_revocation
        )
        await TOKEN_REVOCATIONS.run(store, deliver)

    async def deliver_session_revocations() -> None:
        deliver = telemetry.delivering(
            "tenants/session_revocations", deliveries.deliver_session_revocation
        )
        await SESSION_REVOCATIONS.run(store, deliver)

    return [deliver_token_revocations, deliver_session_revocations]


def _mailing(runtime: Runtime, settings: TenantsSettings, telemetry: Telemetry) -> list[Task]:
    """The task that sends emails, if MAIL_URL is set."""
    if settings.mail_url is None:
        _logger.warning("no MAIL_URL: no invitation is mailed")
        return []
    envelope = Envelope(settings.mail_from, settings.invitation_link)
    mailer = InvitationMailer(runtime, open_mail(settings.mail_url), envelope)

    async def send_invitation_emails() -> None:
        deliver = telemetry.delivering("tenants/invitation_emails", mailer.deliver)
        await INVITATION_EMAILS.run(runtime.store, runtime.clock, deliver)

    return [send_invitation_emails]
