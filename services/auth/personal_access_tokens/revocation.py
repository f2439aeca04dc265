"""The end of personal access tokens, in transactions that do more than that."""

from datetime import datetime
from uuid import UUID

from kernel.identity.revocations import Revocation
from kernel.storage import Write
from services.auth.bearer_tokens.life import last_token_time
from services.auth.personal_access_tokens.model import PersonalAccessToken
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS, tokens_of
from services.auth.revocations import repository as revocations


async def end_tokens(tx: Write, user_id: UUID, now: datetime) -> None:
    """Ends all personal access tokens of a user, in a transaction of the caller's.

    For what an intruder may have made: before a reset, an undo and the first second factor.
    """
    for token in await tokens_of(tx, user_id):
        await end_token(tx, token, now)


async def end_token(tx: Write, token: PersonalAccessToken, now: datetime) -> None:
    """Ends a token in a transaction of the caller's."""
    await PERSONAL_ACCESS_TOKENS.clear(tx, token)
    last = last_token_time(token.last_used_time, now)
    revocations.append_revocation(tx, Revocation(token.user_id, last, token.token_id))
