"""How outbox tasks are stored."""

from uuid import uuid4

import pytest

from services.auth.outbox import repository
from services.auth.outbox.model import OutboxTask, TaskKind
from tests.support.clock import START


def test_outbox_tasks_survive_a_round_trip() -> None:
    """A parsed task equals the packed one; a kind of a newer version raises ValueError."""
    user_id = uuid4()
    for task in (
        OutboxTask(TaskKind.ENSURE_SELF_TENANT, user_id, START),
        OutboxTask(TaskKind.ERASE, user_id),
        OutboxTask(TaskKind.UPDATE_PROFILE, user_id),
    ):
        assert repository.parse_task(repository.pack_task(task)) == task
    with pytest.raises(ValueError, match="None"):
        repository.parse_task(b"\xa2\x06\x00")
