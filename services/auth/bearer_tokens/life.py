"""How long bearer tokens are good, and when their makers are told that they end."""

from datetime import datetime, timedelta

from services.auth.bearer_tokens.errors import TokenLifeTooLong
from services.auth.settings import AuthSettings

NOTICE = timedelta(days=7)
"""How long before its end the maker of a token is told. A token with a shorter life has no notice."""
NOTED_EVERY = timedelta(hours=1)
"""How often the use of a token is noted."""


class TokenLife:
    """The life of new tokens, by the settings and the policy of their tenant."""

    def __init__(self, settings: AuthSettings) -> None:
        self._default = settings.token_default_days
        self._longest = settings.token_longest_days

    def end(self, now: datetime, days: int | None, policy_days: int) -> datetime:
        """When a new token ends. Raises `TokenLifeTooLong`.

        Args:
            now: When it is made.
            days: The days that are asked for; None for the default.
            policy_days: The longest life that the policy of the tenant allows; 0 for no limit.
        """
        longest = min(self._longest, policy_days or self._longest)
        if days is None:
            days = min(self._default, longest)
        if days > longest:
            raise TokenLifeTooLong({"longestDays": str(longest)})
        return now + timedelta(days=days)


def end_by_policy(create_time: datetime, expire_time: datetime, policy_days: int) -> datetime:
    """When a token ends by what the policy of its tenant says now; 0 days for no limit."""
    if not policy_days:
        return expire_time
    return min(expire_time, create_time + timedelta(days=policy_days))


def notice_time(create_time: datetime, expire_time: datetime) -> datetime | None:
    """When the maker of a token is told that it ends; None for a short life."""
    time = expire_time - NOTICE
    return time if time > create_time else None


def is_noted(last_used_time: datetime | None, now: datetime) -> bool:
    """Whether a use within the last hour was noted already."""
    return last_used_time is not None and now - last_used_time < NOTED_EVERY


def last_token_time(last_used_time: datetime | None, now: datetime) -> datetime:
    """The `revoke_time` for a token: not before the last access token that was made from it.

    A use that was noted while a clock was ahead means access tokens from up to an hour later.
    """
    if last_used_time is None or last_used_time <= now:
        return now
    return last_used_time + NOTED_EVERY
