"""All targets. Each of the modules adds its own when it is imported."""

from tests.fuzz import calls, passkeys, tokens
from tests.fuzz.target import TARGETS

__all__ = ["TARGETS", "calls", "passkeys", "tokens"]
