"""FoundationDB's client library, without a cluster."""

from pathlib import Path

from kernel.storage import StoreOpenFailed, open_store
from ops.selftest.failure import Failed


async def load_client_library(folder: Path) -> None:
    """Opens a store as a service does, which loads the library; no cluster has to answer.

    Raises:
        Failed: The library is missing or of the wrong version.
    """
    cluster = folder / "fdb.cluster"
    cluster.write_text("selftest:selftest@127.0.0.1:1\n")
    try:
        store = open_store(f"fdb://{cluster}")
    except StoreOpenFailed as error:
        raise Failed(str(error)) from error
    await store.close()
