"""How the tasks for other services are stored."""

from uuid import UUID

from coditect.auth.records.v1 import outbox_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Write
from kernel.storage.families import record
from kernel.storage.recipes.outbox import Outbox
from services.auth.keys import AUTH
from services.auth.outbox.model import OutboxTask, TaskKind

OUTBOX = Outbox(AUTH["outbox"], record("coditect.auth.records.v1.OutboxRecord", 70))


def put_task(tx: Write, task: OutboxTask) -> None:
    """Adds a task, to be delivered once the transaction is committed."""
    OUTBOX.put(tx, pack_task(task))


def pack_task(task: OutboxTask) -> bytes:
    """A task as the outbox keeps it."""
    record = outbox_pb2.OutboxRecord()
    entry = getattr(record, task.kind.value)
    entry.user_id = str(task.user_id)
    if task.create_time is not None:
        entry.create_time.CopyFrom(timestamp(task.create_time))
    return record.SerializeToString()


def parse_task(value: bytes) -> OutboxTask:
    """The other way round of `pack_task`. Raises `ValueError` for a task of a newer version."""
    record = outbox_pb2.OutboxRecord.FromString(value)
    kind = TaskKind(record.WhichOneof("task"))
    entry = getattr(record, kind.value)
    time = datetime_of(entry.create_time) if kind is TaskKind.ENSURE_SELF_TENANT else None
    return OutboxTask(kind, UUID(entry.user_id), time)
