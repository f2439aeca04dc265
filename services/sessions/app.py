"""Sessions, wired: what it consists of, and which part uses which."""

from coditect.sessions.internal.v1 import sessions_pb2_grpc as internal_grpc
from coditect.sessions.v5 import sessions_pb2_grpc
from kernel.clock import Clock
from kernel.ids import Ids
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.server import App, Servicer
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.sessions.internal import SessionsInternalServicer
from services.sessions.servicer import SessionsServicer, check_state
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.sessions.sweeper import sweeper


def build(settings: SessionsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires sessions."""
    connection = connect_to_auth(settings.auth_address, "sessions", settings, clock)
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    sessions = Sessions(runtime, settings)
    sweeping = sweeper(store, clock, settings)

    # Functions of their own, so that each task has a name by which it is found.
    async def follow_revocations() -> None:
        await connection.feed.run()

    async def sweep() -> None:
        await sweeping.run()

    return App(
        seal=runtime.seal,
        servicers=[
            Servicer(
                "coditect.sessions.v5.SessionsService",
                sessions_pb2_grpc.add_SessionsServiceServicer_to_server,
                SessionsServicer(sessions),
                checks={"CreateSession": check_state, "UpdateSession": check_state},
            ),
            Servicer(
                "coditect.sessions.internal.v1.SessionsInternalService",
                internal_grpc.add_SessionsInternalServiceServicer_to_server,
                SessionsInternalServicer(sessions),
            ),
        ],
        authorizer=connection.authorizer,
        telemetry=Telemetry(),
        tasks=[follow_revocations, sweep],
        checks=[connection.authorizer.revocations.ready, store.ping],
        closers=[connection.auth.close],
    )
