"""The profile of a user: read, changed, and delivered to tenants."""

import pytest

from kernel.errors import AccessTokenRevoked
from kernel.idempotent_request import IdempotentRequest
from services.auth.accounts.profile import ProfileUpdate
from services.auth.outbox.model import OutboxTask, TaskKind
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    ensure_self_tenant,
)


async def test_update_changes_only_what_is_given(harness: AuthHarness) -> None:
    """An omitted field keeps its value, and an empty company clears the company."""
    result = await harness.register()
    call = harness.call(result)
    user = await harness.profile.update(call, ProfileUpdate("Augusta", company=""))
    assert (user.first_name, user.last_name, user.company) == ("Augusta", "Lovelace", "")
    again = await harness.profile.get(call)
    assert (again.first_name, again.company, again.email) == ("Augusta", "", EMAIL)
    await harness.log_in()


async def test_a_name_change_adds_a_task_for_tenants(harness: AuthHarness) -> None:
    """A changed name raises the revision and adds an outbox task; other updates do neither."""
    result = await harness.register()
    call = harness.call(result)
    for profile, revision in (
        (ProfileUpdate(company="Looms"), 0),
        (ProfileUpdate("Ada"), 0),
        (ProfileUpdate("Augusta"), 1),
        (ProfileUpdate(last_name="King"), 2),
    ):
        assert (await harness.profile.update(call, profile)).profile_revision == revision
    task = OutboxTask(TaskKind.UPDATE_PROFILE, result.user.user_id)
    assert await harness.tasks() == [ensure_self_tenant(result.user), task, task]


async def test_a_deleted_user_cannot_be_read_or_changed(harness: AuthHarness) -> None:
    """Auth answers a call with the token of a deleted account with ACCESS_TOKEN_REVOKED."""
    result = await harness.register()
    call = harness.call(result)
    await harness.deletion.delete(call, PASSWORD)
    for action in (
        harness.profile.get(call),
        harness.profile.update(call, ProfileUpdate("Ada")),
        harness.password_change.change(call, PASSWORD, OTHER_PASSWORD),
        harness.deletion.delete(call, PASSWORD),
    ):
        with pytest.raises(AccessTokenRevoked):
            await action


async def test_a_repeated_update_does_not_undo_a_later_one(harness: AuthHarness) -> None:
    """An idempotent retry gets the user as it is by then, and does not write again."""
    caller = harness.caller(await harness.register())
    request = IdempotentRequest(str(caller.user_id), "UpdateMe", "key", b"digest")
    call, keyed = harness.call(caller), harness.call(caller, request)
    await harness.profile.update(keyed, ProfileUpdate("One"))
    await harness.profile.update(call, ProfileUpdate("Two"))
    again = await harness.profile.update(keyed, ProfileUpdate("One"))
    assert again.first_name == "Two"
    assert (await harness.profile.get(call)).first_name == "Two"
