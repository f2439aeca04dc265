"""Opens a cluster, and refuses one that can never answer."""

import re
from pathlib import Path
from typing import Any

import fdb

from kernel.storage.port import StoreOpenFailed

API_VERSION = 730
TIMEOUT_MS = 8000  # of all attempts together: shorter than a call, so that the call gets an answer
RETRIES = 1000
MAX_RETRY_DELAY_MS = 200

_COMMENTS_AND_BLANKS = re.compile(rb"#[^\r\n]*|\s")
_CLUSTER = re.compile(rb"[A-Za-z0-9_]*:[A-Za-z0-9]*@[^@]+")  # description:id@coordinators


def open_database(cluster_file: Path) -> Any:
    """The binding's database, with our limits for every transaction.

    Raises:
        StoreOpenFailed: The client library or the cluster file cannot be used.
    """
    try:
        fdb.api_version(API_VERSION)
    except Exception as error:
        raise StoreOpenFailed(
            "FoundationDB's client library cannot be used: install libfdb_c 7.3 (the package "
            f"foundationdb-clients of FoundationDB's releases). {error}"
        ) from error
    _check_cluster_file(cluster_file)
    try:
        database = fdb.open(str(cluster_file))
        database.options.set_transaction_timeout(TIMEOUT_MS)
        database.options.set_transaction_retry_limit(RETRIES)
        database.options.set_transaction_max_retry_delay(MAX_RETRY_DELAY_MS)
    except fdb.FDBError as error:
        raise StoreOpenFailed(f"The store of {cluster_file} cannot be opened: {error}") from error
    return database


def _check_cluster_file(path: Path) -> None:
    """Rejects a bad file now; the client would reject it only at the first transaction."""
    try:
        text = _COMMENTS_AND_BLANKS.sub(b"", path.read_bytes())
    except OSError as error:
        raise StoreOpenFailed(f"The cluster file cannot be read: {error}") from error
    if not _CLUSTER.fullmatch(text):
        raise StoreOpenFailed(f"{path} is not a cluster file.")
