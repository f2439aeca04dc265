"""The catalogue of what tenants stores."""

import subprocess
import sys
from importlib import import_module
from pkgutil import walk_packages

from services import tenants
from services.tenants.keys import TENANTS

LIST = "from services.tenants.catalogue import FAMILIES; print(*(one.name for one in FAMILIES))"


def test_it_has_every_family() -> None:
    """A process that imports nothing else knows the families of every capability."""
    for module in walk_packages(tenants.__path__, "services.tenants."):
        if module.name.endswith(".repository"):
            import_module(module.name)
    listed = subprocess.check_output([sys.executable, "-c", LIST], text=True).split()
    assert listed == sorted(family.name for family in TENANTS.families)
