"""Sessions, wired: what it consists of, and which part uses which."""

from kernel.clock import Clock
from kernel.ids import Ids
from kernel.rpc.auth_connection import connect_to_auth
from kernel.rpc.server import App, serve
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.telemetry import Telemetry
from services.sessions import clients, keys
from services.sessions.clients import RemoteSessionTokens
from services.sessions.deliveries import EndedSessionDeliveries
from services.sessions.internal import SessionsInternalServicer
from services.sessions.servicer import SessionsServicer, check_order, check_state
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from services.sessions.sweeper import sweeper


def build(settings: SessionsSettings, store: Store, clock: Clock, ids: Ids) -> App:
    """Wires sessions."""
    connection = connect_to_auth(
        settings.auth_address, "sessions", settings, clock, (clients.AUTH,)
    )
    runtime = Runtime(store, clock, ids, Seal(secrets_of(settings.seal_keys)))
    sessions, telemetry = Sessions(runtime, settings), Telemetry()
    deliveries = EndedSessionDeliveries(RemoteSessionTokens(connection.auth))
    end_tokens = telemetry.delivering(
        "sessions/ended_sessions", keys.ENDED_SESSIONS, deliveries.deliver
    )
    return App(
        seal=runtime.seal,
        servicers=[
            serve(
                SessionsServicer(sessions),
                {
                    "CreateSession": check_state,
                    "UpdateSession": check_state,
                    "ListSessions": check_order,
                },
            ),
            serve(SessionsInternalServicer(sessions)),
        ],
        authorizer=connection.authorizer,
        telemetry=telemetry,
        tasks={
            "follow_revocations": connection.feed.run,
            "sweep": telemetry.sweeping(sweeper(store, clock, settings)),
            "deliver_ended_sessions": lambda: keys.ENDED_SESSIONS.run(store, end_tokens),
        },
        checks=[connection.authorizer.revocations.ready, store.ping],
        closers=[connection.auth.close],
    )
