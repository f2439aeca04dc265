"""All targets. Each of the modules adds its own when it is imported."""

from tests.fuzz import calls, imports, passkeys, programs, texts, tokens
from tests.fuzz.target import TARGETS

__all__ = ["TARGETS", "calls", "imports", "passkeys", "programs", "texts", "tokens"]
