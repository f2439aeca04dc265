"""The messages about sessions that several servicers send."""

from google.protobuf.timestamp_pb2 import Timestamp

from coditect.sessions.v5 import sessions_pb2
from services.sessions.model import Session, StoredSession


def fill(message: sessions_pb2.Session, session: Session) -> None:
    """Writes a session into its place in an answer: making a message and copying it takes twice."""
    message.session_id = str(session.session_id)
    message.tenant_id = str(session.tenant_id)
    message.user_id = str(session.user_id)
    message.name = session.name
    message.workspace_path = session.workspace_path
    message.state.MergeFromString(session.state)  # is there even if empty: an object, not null
    message.revision = session.revision
    _stamp(message.create_time, session.create_time)
    _stamp(message.update_time, session.update_time)
    _stamp(message.last_active_time, session.last_active_time)
    _stamp(message.expire_time, session.expire_time)


def pass_on(message: sessions_pb2.Session, stored: StoredSession) -> None:
    """Writes a session into its place in an answer, as it is stored."""
    message.MergeFromString(stored.message)
    message.DiscardUnknownFields()  # what only the record has
    message.state.SetInParent()  # is there even if empty


def _stamp(stamp: Timestamp, milliseconds: int) -> None:
    stamp.seconds = milliseconds // 1000
    stamp.nanos = milliseconds % 1000 * 1_000_000
