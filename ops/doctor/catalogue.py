"""The contexts, with their families and invariants."""

from collections.abc import Sequence
from typing import NamedTuple

from kernel.storage.families import AnyFamily
from kernel.storage.recipes.invariants import PAGE_ROWS, Invariant
from ops.doctor import across
from services.auth import catalogue as auth
from services.sessions import catalogue as sessions
from services.tenants import catalogue as tenants

_PAGE_BYTES = 5_000_000


class Context(NamedTuple):
    """The families and invariants of one context."""

    name: str
    families: Sequence[AnyFamily]
    invariants: Sequence[Invariant]


def _ordered(context: Context) -> Context:
    """The same with the families by name, each index behind its own: not as they were imported."""
    families = sorted(
        context.families,
        key=lambda family: ((family.of or family).name, family.of is not None, family.name),
    )
    return context._replace(families=families)


_DECLARED = (
    Context("auth", auth.FAMILIES, auth.INVARIANTS),
    Context("tenants", tenants.FAMILIES, tenants.INVARIANTS),
    Context("sessions", sessions.FAMILIES, sessions.INVARIANTS),
)
CONTEXTS = tuple(map(_ordered, _DECLARED))


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
