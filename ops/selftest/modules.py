"""Imports every module of the product."""

import importlib
from pathlib import Path

from ops.selftest.failure import Failed

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("coditect", "kernel", "ops", "services")


def import_all() -> int:
    """Imports every installed module of the product, and returns their number.

    Skips each `__main__`: it is a program, which another check runs.

    Raises:
        Failed: One of them cannot be imported.
    """
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in _FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "__main__.py"
    ]
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            raise Failed(f"{name} cannot be imported: {error}") from error
    return len(names)
