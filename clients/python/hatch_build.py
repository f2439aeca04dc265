"""Puts the generated code of the public protos, the package `coditect`, beside `coditect_client`.

In a clone it is in the root of the repository; in a source distribution it is beside this file.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PUBLIC = ("access", "field", "gateway", "method", "auth/v5", "sessions/v5", "tenants/v5")
"""What a caller needs: the public contract and its options. Records and internal calls stay out."""


class Protos(BuildHookInterface[Any]):
    """Adds the folders of the public protos to what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds them, unless it is an editable installation: that one takes those of the clone."""
        if version == "editable":
            return
        own = Path(self.root, "coditect")
        source = own if own.is_dir() else Path(self.root, "..", "..", "coditect")
        for folder in PUBLIC:
            build_data["force_include"][str(source / folder)] = f"coditect/{folder}"
