"""When a store was last backed up: a file in its folder, whose time is that of the backup.

The command that backs up writes it, once the backup is complete. It is no row: a backup, which is a copy
of the rows, would otherwise have the time of the one before, and a restored store, too.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

FILE = "last-backup"


def note(folder: Path, began: float) -> None:
    """Notes that a backup has every row that was committed at that time, in seconds since 1970.

    Raises:
        OSError: The folder cannot be written.
    """
    file = folder / FILE
    file.touch(mode=0o600)
    os.utime(file, (began, began))


def age(folder: Path) -> float | None:
    """How old the last backup is, in seconds; None if none was noted."""
    with suppress(OSError):
        return max(0.0, time.time() - (folder / FILE).stat().st_mtime)
    return None
