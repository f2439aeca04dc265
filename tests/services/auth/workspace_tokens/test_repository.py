"""How workspace tokens are stored."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from kernel.identity.callers import Role
from kernel.storage import Store
from services.auth.workspace_tokens import repository
from services.auth.workspace_tokens.model import MOST_AGENTS, SCOPES, WorkspaceToken
from tests.services.auth.harness import keeps_unknown_fields, keys_of
from tests.support.clock import START

TOKEN = WorkspaceToken(
    token_id=uuid4(),
    user_id=uuid4(),
    tenant_id=uuid4(),
    session_id=uuid4(),
    login_id=uuid4(),
    scopes=SCOPES,
    role=Role.OWNER,
    agents=("\U00010348" * 100,) * MOST_AGENTS,
    ancestor_ids=tuple(uuid4() for _ in range(MOST_AGENTS - 1)),
    secret_hash=b"\1" * 32,
    create_time=START,
    expire_time=START + timedelta(days=30, milliseconds=999),
    last_used_time=START + timedelta(hours=1),
)
"""The largest one."""


async def test_a_token_comes_back_as_it_was(store: Store) -> None:
    """By its id, and with its session; with and without a use."""
    for token in (TOKEN, replace(TOKEN, last_used_time=None, ancestor_ids=())):
        await store.write(lambda tx, token=token: repository.WORKSPACE_TOKENS.put(tx, token))
        assert await store.read(lambda tx: repository.find_token(tx, TOKEN.token_id)) == token
        listed = await store.read(
            lambda tx: repository.tokens_of_session(tx, TOKEN.user_id, TOKEN.session_id)
        )
        assert listed == [token]
    assert await store.read(lambda tx: repository.find_token(tx, uuid4())) is None


async def test_the_largest_token_fits(store: Store) -> None:
    """The row is not larger than it is declared, and nearly as large."""
    await store.write(lambda tx: repository.WORKSPACE_TOKENS.put(tx, TOKEN))
    key = repository.WORKSPACE_TOKEN.key(TOKEN.user_id, TOKEN.session_id, TOKEN.token_id)
    value = await store.read(lambda tx: tx.get(key)) or b""
    assert 2_400 < len(value) <= repository.WORKSPACE_TOKEN.value.max_bytes


async def test_a_token_that_is_cleared_leaves_nothing(store: Store) -> None:
    """Neither by itself nor with its user."""
    other = replace(TOKEN, user_id=uuid4(), token_id=uuid4())
    for token in (TOKEN, other, replace(TOKEN, token_id=uuid4(), session_id=uuid4())):
        await store.write(lambda tx, token=token: repository.WORKSPACE_TOKENS.put(tx, token))
    assert await store.read(lambda tx: repository.count_of_user(tx, TOKEN.user_id)) == 2
    await store.write(lambda tx: repository.clear_of_user(tx, TOKEN.user_id))
    assert await store.read(lambda tx: repository.count_of_user(tx, TOKEN.user_id)) == 0
    await store.write(lambda tx: repository.WORKSPACE_TOKENS.clear(tx, other))
    assert await keys_of(store) == []


async def test_a_token_keeps_what_a_newer_version_has_added(store: Store) -> None:
    """A write by this one leaves it there."""
    key = repository.WORKSPACE_TOKEN.key(TOKEN.user_id, TOKEN.session_id, TOKEN.token_id)
    assert await keeps_unknown_fields(
        store, key, lambda tx: repository.WORKSPACE_TOKENS.put(tx, TOKEN)
    )
