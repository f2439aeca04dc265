"""What a cluster says of its backups.

The agents of a backup report how far it is, and the cluster has that in its status: see "Machine-readable
status" in FoundationDB's documentation, `cluster.layers.backup.tags`.
"""

import json
from typing import Any

STATUS = b"\xff\xff/status/json"
"""The key where the client gives the status of the cluster."""


def newest_backup_age(status: bytes) -> float | None:
    """Seconds since the state that the newest backup of a cluster restores.

    A backup that has stopped counts as well, and gets older.

    Args:
        status: The status of the cluster, in JSON.

    Returns:
        The seconds; None if no agent reports a backup that can be restored.
    """
    try:
        tags = json.loads(status)["cluster"]["layers"]["backup"]["tags"]
        ages = [age for tag in tags.values() if (age := _age(tag)) is not None]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return min(ages, default=None)


def _age(tag: Any) -> float | None:
    behind = tag.get("last_restorable_seconds_behind")
    return max(0.0, float(behind)) if isinstance(behind, int | float) else None
