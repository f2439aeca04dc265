"""The contexts, with their families and invariants."""

from collections.abc import Sequence
from typing import NamedTuple

from kernel.storage.families import AnyFamily
from kernel.storage.recipes.invariants import PAGE_ROWS, Invariant
from ops.doctor import across
from services.auth import invariants as auth_invariants
from services.auth import keys as auth_keys
from services.auth import repository as auth_repository
from services.sessions import invariants as sessions_invariants
from services.sessions import keys as sessions_keys
from services.tenants import invariants as tenants_invariants
from services.tenants import keys as tenants_keys

_PAGE_BYTES = 5_000_000
# Families name their messages as strings; importing the repositories registers the messages.
_IMPORTED = (auth_repository,)


class Context(NamedTuple):
    """The families and invariants of one context."""

    name: str
    families: Sequence[AnyFamily]
    invariants: Sequence[Invariant]


CONTEXTS = (
    Context(
        "auth", auth_keys.AUTH.families, (*auth_invariants.INVARIANTS, *auth_keys.AUTH.invariants)
    ),
    Context(
        "tenants",
        tenants_keys.TENANTS.families,
        (*tenants_invariants.INVARIANTS, *tenants_keys.TENANTS.invariants),
    ),
    Context(
        "sessions",
        sessions_keys.SESSIONS.families,
        (*sessions_invariants.INVARIANTS, *sessions_keys.SESSIONS.invariants),
    ),
)


class Catalogue:
    """All families and invariants of a store.

    Attributes:
        families: The families of all contexts.
        invariants: Those of each context, and those between contexts.
    """

    def __init__(self) -> None:
        self.families = [family for context in CONTEXTS for family in context.families]
        self.invariants = [one for context in CONTEXTS for one in context.invariants]
        self.invariants += across.INVARIANTS
        self._of: dict[str, list[Invariant]] = {family.name: [] for family in self.families}
        for invariant in self.invariants:
            self._of[invariant.family.name].append(invariant)

    def find(self, key: bytes) -> AnyFamily | None:
        """The family of a key; None if no family has it."""
        for family in self.families:
            if key in family.space:
                try:
                    family.unpack(key)
                except ValueError:
                    continue
                return family
        return None

    def of(self, family: AnyFamily) -> Sequence[Invariant]:
        """The invariants about the rows of a family."""
        return self._of[family.name]

    def page_rows(self, family: AnyFamily | None) -> int:
        """The maximum rows of a family to check in one transaction."""
        if family is None:
            return PAGE_ROWS
        of_size = _PAGE_BYTES // (family.key_bytes + family.value.max_bytes)
        return min([PAGE_ROWS, of_size, *(one.page_rows for one in self.of(family))])
