"""What a user enters about itself: read, changed, and passed on to tenants."""

import pytest

from kernel.errors import AccessTokenRevoked
from kernel.storage.recipes.idempotency import Replay
from services.auth.accounts.profile import ProfileUpdate
from services.auth.outbox.model import OutboxTask, TaskKind
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    PROFILE,
    AuthHarness,
    ensure_self_tenant,
)


async def test_update_changes_only_what_is_given(harness: AuthHarness) -> None:
    """A field left out keeps its value, one given empty becomes empty if it may."""
    result = await harness.register()
    caller = harness.caller(result)
    user = await harness.profile.update(caller, ProfileUpdate(" Augusta ", None, ""), None)
    assert (user.first_name, user.last_name, user.company) == ("Augusta", "Lovelace", "")
    again = await harness.profile.get(caller)
    assert (again.first_name, again.company, again.email) == ("Augusta", "", EMAIL)
    await harness.log_in()


async def test_a_change_of_the_names_is_a_task_for_tenants(harness: AuthHarness) -> None:
    """Each change of the names counts and leaves a task; what is no change of them does not."""
    result = await harness.register()
    caller = harness.caller(result)
    for profile, revision in (
        (ProfileUpdate(None, None, "Looms"), 0),
        (ProfileUpdate("Ada", None, None), 0),
        (ProfileUpdate("Augusta", None, None), 1),
        (ProfileUpdate(None, "King", None), 2),
    ):
        assert (await harness.profile.update(caller, profile, None)).profile_revision == revision
    task = OutboxTask(TaskKind.UPDATE_PROFILE, result.user.user_id)
    assert await harness.tasks() == [ensure_self_tenant(result.user), task, task]


async def test_a_deleted_user_cannot_be_read_or_changed(harness: AuthHarness) -> None:
    """A token that outlives its account for a moment finds nothing."""
    result = await harness.register()
    caller = harness.caller(result)
    await harness.deletion.delete(caller, PASSWORD)
    for action in (
        harness.profile.get(caller),
        harness.profile.update(caller, PROFILE, None),
        harness.password_change.change(caller, PASSWORD, OTHER_PASSWORD),
        harness.deletion.delete(caller, PASSWORD),
    ):
        with pytest.raises(AccessTokenRevoked):
            await action


async def test_a_repeated_update_does_not_undo_a_later_one(harness: AuthHarness) -> None:
    """The repeat gets the first answer and changes nothing."""
    caller = harness.caller(await harness.register())
    replay = Replay(str(caller.user_id), "UpdateMe", "key", b"digest")
    await harness.profile.update(caller, ProfileUpdate("One", None, None), replay)
    await harness.profile.update(caller, ProfileUpdate("Two", None, None), None)
    again = await harness.profile.update(caller, ProfileUpdate("One", None, None), replay)
    assert again.first_name == "One"
    assert (await harness.profile.get(caller)).first_name == "Two"
