"""The store on FoundationDB: many hosts, for every installation but a laptop.

Every transaction runs on the event loop, from one finished read to the next. Conflicts are detected
at the commit, and the client's own `on_error` decides what is retried and after what delay. The
cluster may be shared: with a prefix, a store sees only its own keys.

Keys from 0xfe on (behind the prefix) are the store's own: the markers.
"""

from kernel.storage.fdb.store import FdbStore

__all__ = ["FdbStore"]
