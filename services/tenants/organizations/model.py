"""A change of an organization, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TenantUpdate:
    """The new values of an organization; None leaves a value as it is."""

    name: str | None = None
    state: str | None = None
