"""All adjustments of third-party libraries, each with its reason.

`kernel.log`, `kernel.storage` and `kernel.emails` import this module before they use what it adjusts.
"""

import sys
from asyncio import AbstractEventLoop
from asyncio.events import _set_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import email_validator
import fdb.six

__all__ = ["set_running_loop", "structlog"]


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """Hides packages, so that what is imported in it does without them."""
    hidden = [name for name in packages if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(hidden))  # None hides a module
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]


# FoundationDB's binding bundles `six`, whose import hook uses a deprecated protocol: every later
# import of the process would warn, and search twice. The binding does not need the hook.
sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != fdb.six.__name__]

# structlog prepares tracebacks in colour and support for greenlets if it finds these. The image has
# neither, and logs are JSON; beside developers' tools they cost each service 5 MB and 0.1 s at start.
with _without("rich", "greenlet"):
    import structlog

# The validator rejects special-use domains such as `.local`, and has no argument to allow them.
# The product also runs on laptops and in private networks.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def set_running_loop(loop: Any) -> None:
    """Makes asyncio believe that a loop runs in this thread.

    asyncio has no public function for this. Without it, a transaction that sleeps would fail with
    "no running event loop", which is true but misleading.
    """
    _set_running_loop(cast("AbstractEventLoop", loop))
