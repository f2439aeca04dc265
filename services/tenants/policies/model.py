"""A change of a policy, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyUpdate:
    """The new values of a policy; None leaves a value as it is."""

    second_factor_required: bool | None = None
    email_domains: tuple[str, ...] | None = None
    login_idle_seconds: int | None = None
    login_life_seconds: int | None = None
    programs_allowed: bool | None = None
    max_token_days: int | None = None

    @property
    def may_end_tokens(self) -> bool:
        """Whether the tokens of before may stop being good; domains are only for new members."""
        about_tokens = (
            self.second_factor_required,
            self.login_idle_seconds,
            self.login_life_seconds,
            self.programs_allowed,
            self.max_token_days,
        )
        return any(value is not None for value in about_tokens)
