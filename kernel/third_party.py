"""Adjustments of other people's libraries: all of them, each with its reason.

`kernel.storage` and `kernel.emails` import this module before anything that it adjusts is used.
"""

import sys
from asyncio import AbstractEventLoop
from asyncio.events import _set_running_loop
from typing import Any, cast

import email_validator
import fdb.six

# FoundationDB's binding brings `six`, whose import hook is of a kind that Python has deprecated:
# every later import of the process would warn, and look twice. The binding does not need it.
sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != fdb.six.__name__]

# The validator refuses domains that are not meant for the public internet, such as `.local`, and
# has no argument against it. People run this product on laptops and in closed networks.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def set_running_loop(loop: Any) -> None:
    """Makes asyncio believe that a loop runs in this thread.

    asyncio has no public way to say it. Without it, a transaction that sleeps would be told that no
    loop is running, which is true and does not help.
    """
    _set_running_loop(cast("AbstractEventLoop", loop))
