"""All targets. Each of the modules adds its own when it is imported."""

from tests.fuzz import calls, gateway, imports, passkeys, programs, texts, tokens
from tests.fuzz.target import TARGETS

__all__ = ["TARGETS", "calls", "gateway", "imports", "passkeys", "programs", "texts", "tokens"]
