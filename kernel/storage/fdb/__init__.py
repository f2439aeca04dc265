"""The store on FoundationDB: many hosts, for everything but one laptop.

Every transaction runs on the event loop, from one arrived read to the next. Conflicts are found at
the commit, and the client's own `on_error` decides what is tried again and after what pause. The
cluster may be shared: with a prefix, a store sees nothing but its own keys.

Keys from 0xfe on (behind the prefix) are the store's own: the markers.
"""

from kernel.storage.fdb.store import FdbStore

__all__ = ["FdbStore"]
