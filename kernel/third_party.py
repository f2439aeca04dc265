"""All adjustments of third-party libraries, each with its reason.

`kernel.storage` and `kernel.emails` import this module before they use what it adjusts.
"""

import sys
from asyncio import AbstractEventLoop
from asyncio.events import _set_running_loop
from typing import Any, cast

import email_validator
import fdb.six

# FoundationDB's binding bundles `six`, whose import hook uses a deprecated protocol: every later
# import of the process would warn, and search twice. The binding does not need the hook.
sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != fdb.six.__name__]

# The validator rejects special-use domains such as `.local`, and has no argument to allow them.
# The product also runs on laptops and in private networks.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def set_running_loop(loop: Any) -> None:
    """Makes asyncio believe that a loop runs in this thread.

    asyncio has no public function for this. Without it, a transaction that sleeps would fail with
    "no running event loop", which is true but misleading.
    """
    _set_running_loop(cast("AbstractEventLoop", loop))
