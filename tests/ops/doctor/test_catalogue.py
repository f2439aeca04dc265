"""The catalogue of the families that the contexts store."""

import subprocess
import sys
from importlib import import_module
from pkgutil import walk_packages

import services

_LIST = (
    "from ops.doctor.catalogue import Catalogue; print(*(one.name for one in Catalogue().families))"
)
_CONTEXTS = ("auth", "tenants", "sessions")


def test_the_catalogue_has_every_family() -> None:
    """A process that imports only the catalogue knows the families of every capability."""
    for module in walk_packages(services.__path__, "services."):
        if module.name.endswith(".repository"):
            import_module(module.name)
    declared = [
        family.name
        for context in _CONTEXTS
        for family in getattr(import_module(f"services.{context}.keys"), context.upper()).families
    ]
    listed = subprocess.check_output([sys.executable, "-c", _LIST], text=True).split()
    assert sorted(listed) == sorted(declared)
