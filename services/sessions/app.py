"""Sessions, wired: what it consists of and how the parts know each other."""

from coditect.sessions.internal.v1 import sessions_pb2_grpc as internal_grpc
from coditect.sessions.v5 import sessions_pb2_grpc
from kernel.clock import Clock
from kernel.ids import Ids
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.server import App, Servicer
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.sessions.servicer import SessionsInternalServicer, SessionsServicer
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.sessions.sweeper import sweeper


def build(settings: SessionsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires sessions."""
    trust = connect_to_auth(settings.auth_address, "sessions", settings, clock)
    seal = Seal(secrets_of(settings.seal_keys))
    sessions = Sessions(store, clock, ids, seal, settings)
    return App(
        seal=seal,
        servicers=[
            Servicer(
                "coditect.sessions.v5.SessionsService",
                sessions_pb2_grpc.add_SessionsServiceServicer_to_server,
                SessionsServicer(sessions, seal),
            ),
            Servicer(
                "coditect.sessions.internal.v1.SessionsInternalService",
                internal_grpc.add_SessionsInternalServiceServicer_to_server,
                SessionsInternalServicer(sessions),
            ),
        ],
        authorizer=trust.authorizer,
        telemetry=Telemetry(),
        tasks=[trust.feed.run, sweeper(store, clock, settings).run],
        checks=[trust.authorizer.revocations.ready, store.ping],
        closers=[trust.auth.close],
    )
