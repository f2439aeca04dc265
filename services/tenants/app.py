"""Wires tenants: its parts, and which part uses which."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeAlias

from kernel import log
from kernel.clock import Clock
from kernel.ids import Ids
from kernel.mail.open import open_mail
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.client import Client
from kernel.rpc.server import App, Servicer, serve
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.tenants import clients
from services.tenants.audit.audit import Audit
from services.tenants.audit.events import AuditEvents
from services.tenants.audit.servicer import AuditServicer
from services.tenants.clients import (
    RemoteEmailProofs,
    RemoteOperatorLog,
    RemoteProfiles,
    RemoteSessionRevocations,
    RemoteTenantErasures,
    RemoteTokenRevocations,
)
from services.tenants.deliveries import (
    EmailProofDeliveries,
    OperatorEventDeliveries,
    RevocationDeliveries,
    TenantErasureDeliveries,
)
from services.tenants.events import messages
from services.tenants.events.events import Events
from services.tenants.events.servicer import EventsServicer
from services.tenants.internal import TenantsInternalServicer
from services.tenants.invitations.acceptance import Acceptance
from services.tenants.invitations.email import Envelope
from services.tenants.invitations.email_delivery import InvitationMailer
from services.tenants.invitations.invitations import Invitations
from services.tenants.invitations.opt_out import OptOuts
from services.tenants.invitations.promises import RolePromises
from services.tenants.invitations.repository import EMAIL_PROOFS, INVITATION_EMAILS
from services.tenants.invitations.servicer import InvitationsServicer
from services.tenants.members.members import Members
from services.tenants.members.servicer import MembersServicer
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.profiles import MemberProfiles, Profiles
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.operator_events.repository import OPERATOR_EVENTS
from services.tenants.operator_tenants.changes import OperatorChanges
from services.tenants.operator_tenants.reading import OperatorReading
from services.tenants.operator_tenants.servicer import OperatorTenantsServicer
from services.tenants.organizations.listing import TenantReader
from services.tenants.organizations.organizations import Organizations
from services.tenants.organizations.repository import TENANT_ERASURES
from services.tenants.organizations.servicer import TenantsServicer, check_slug
from services.tenants.policies.policies import Policies
from services.tenants.policies.servicer import PoliciesServicer, check_policy
from services.tenants.revocations.repository import SESSION_REVOCATIONS, TOKEN_REVOCATIONS
from services.tenants.settings import TenantsSettings
from services.tenants.sweeper import sweeper
from services.tenants.users.erasure import UserErasure
from services.tenants.users.export import UserExport
from services.tenants.webhooks.deliverer import Bodies, Deliverer
from services.tenants.webhooks.progress import Retries
from services.tenants.webhooks.replay import Replay
from services.tenants.webhooks.sending import WebhookSender
from services.tenants.webhooks.servicer import WebhooksServicer
from services.tenants.webhooks.testing import TESTS_AT_ONCE, WebhookTest
from services.tenants.webhooks.webhooks import Webhooks
from services.tenants.webhooks.worker import PLACES, WebhookWorker

Task: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Runs as long as the process."""

_BODIES = Bodies(messages.entry_body, messages.notice_body)

_logger = log.get(__name__)


def build(settings: TenantsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires tenants."""
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    auth = connect_to_auth(settings.auth_address, "tenants", settings, clock, (clients.AUTH,))
    sessions = Client(str(settings.sessions_address), "sessions", (clients.SESSIONS,), auth.tokens)
    profiles, telemetry = RemoteProfiles(auth.auth), Telemetry()
    return App(
        seal=runtime.seal,
        servicers=_servicers(runtime, settings, profiles),
        authorizer=auth.authorizer,
        telemetry=telemetry,
        tasks={
            "follow_revocations": auth.feed.run,
            "sweep": telemetry.sweeping(sweeper(store, clock, settings)),
            **_revoking(
                store,
                RevocationDeliveries(
                    RemoteTokenRevocations(auth.auth), RemoteSessionRevocations(sessions)
                ),
                telemetry,
            ),
            **_proving(
                store,
                EmailProofDeliveries(RemoteEmailProofs(auth.auth), profiles, RolePromises(runtime)),
                telemetry,
            ),
            **_erasing(store, TenantErasureDeliveries(RemoteTenantErasures(auth.auth)), telemetry),
            **_logging(store, OperatorEventDeliveries(RemoteOperatorLog(auth.auth)), telemetry),
            **_mailing(runtime, settings, telemetry),
            "send_webhooks": _webhook_worker(runtime, settings, telemetry).run,
        },
        checks=[auth.authorizer.revocations.ready, store.ping],
        closers=[auth.auth.close, sessions.close],
    )


def _servicers(runtime: Runtime, settings: TenantsSettings, profiles: Profiles) -> list[Servicer]:
    """Each gRPC service, with the use cases that it calls."""
    organizations = Organizations(runtime, profiles, settings)
    acceptance = Acceptance(runtime, profiles, settings)
    internal = TenantsInternalServicer(
        SelfTenants(runtime.store),
        MembershipLookup(runtime),
        MemberProfiles(runtime.store, profiles),
        RolePromises(runtime),
        UserErasure(runtime),
        UserExport(runtime),
        AuditEvents(runtime),
    )
    return [
        serve(TenantsServicer(TenantReader(runtime), organizations), {"CreateTenant": check_slug}),
        serve(MembersServicer(Members(runtime, settings))),
        serve(InvitationsServicer(Invitations(runtime, settings), acceptance, OptOuts(runtime))),
        serve(AuditServicer(Audit(runtime))),
        serve(
            PoliciesServicer(Policies(runtime, settings)),
            {"UpdatePolicy": check_policy},
        ),
        serve(
            OperatorTenantsServicer(OperatorReading(runtime), OperatorChanges(runtime, settings))
        ),
        serve(EventsServicer(Events(runtime))),
        serve(
            WebhooksServicer(
                Webhooks(runtime, settings),
                WebhookTest(runtime, _webhook_sender(runtime, settings, TESTS_AT_ONCE), _BODIES),
                Replay(runtime),
            )
        ),
        serve(internal),
    ]


def _revoking(
    store: Store, deliveries: RevocationDeliveries, telemetry: Telemetry
) -> dict[str, Task]:
    """The tasks that deliver access revocations."""
    revoke_tokens = telemetry.delivering(
        "tenants/token_revocations", TOKEN_REVOCATIONS, deliveries.deliver_token_revocation
    )
    end_sessions = telemetry.delivering(
        "tenants/session_revocations", SESSION_REVOCATIONS, deliveries.deliver_session_revocation
    )
    return {
        "deliver_token_revocations": lambda: TOKEN_REVOCATIONS.run(store, revoke_tokens),
        "deliver_session_revocations": lambda: SESSION_REVOCATIONS.run(store, end_sessions),
    }


def _proving(
    store: Store, deliveries: EmailProofDeliveries, telemetry: Telemetry
) -> dict[str, Task]:
    """The task that tells auth of proved addresses."""
    deliver = telemetry.delivering("tenants/email_proofs", EMAIL_PROOFS, deliveries.deliver)
    return {"deliver_email_proofs": lambda: EMAIL_PROOFS.run(store, deliver)}


def _erasing(
    store: Store, deliveries: TenantErasureDeliveries, telemetry: Telemetry
) -> dict[str, Task]:
    """The task that tells auth of deleted organizations."""
    deliver = telemetry.delivering("tenants/tenant_erasures", TENANT_ERASURES, deliveries.deliver)
    return {"deliver_tenant_erasures": lambda: TENANT_ERASURES.run(store, deliver)}


def _logging(
    store: Store, deliveries: OperatorEventDeliveries, telemetry: Telemetry
) -> dict[str, Task]:
    """The task that puts the acts of operators into auth's operator log."""
    deliver = telemetry.delivering("tenants/operator_events", OPERATOR_EVENTS, deliveries.deliver)
    return {"deliver_operator_events": lambda: OPERATOR_EVENTS.run(store, deliver)}


def _webhook_worker(
    runtime: Runtime, settings: TenantsSettings, telemetry: Telemetry
) -> WebhookWorker:
    """What sends events to the webhooks of organizations."""
    deliverer = Deliverer(
        runtime,
        _BODIES,
        Retries(timedelta(hours=settings.webhook_retry_hours)),
        lambda outcome: telemetry.deliveries.labels("tenants/webhooks", outcome).inc(),
    )
    senders = {lane: _webhook_sender(runtime, settings, PLACES[lane]) for lane in PLACES}
    return WebhookWorker(runtime, deliverer, senders)


def _webhook_sender(runtime: Runtime, settings: TenantsSettings, connections: int) -> WebhookSender:
    private = settings.webhook_private_addresses
    return WebhookSender(runtime, private=private, connections=connections)


def _mailing(runtime: Runtime, settings: TenantsSettings, telemetry: Telemetry) -> dict[str, Task]:
    """The task that sends emails, if MAIL_URL is set."""
    if settings.mail_url is None:
        _logger.warning("no MAIL_URL: no invitation is mailed")
        return {}
    envelope = Envelope(
        settings.mail_from,
        settings.invitation_link,
        settings.invitation_opt_out_link,
        settings.invitation_opt_out_url,
    )
    mailer = InvitationMailer(runtime, open_mail(settings.mail_url), envelope)
    send = telemetry.delivering("tenants/invitation_emails", INVITATION_EMAILS, mailer.deliver)
    return {
        "send_invitation_emails": lambda: INVITATION_EMAILS.run(runtime.store, runtime.clock, send)
    }
