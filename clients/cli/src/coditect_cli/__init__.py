"""The command `coditect`: a client of the Coditect IDE platform for terminals and scripts."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("coditect-cli")
except PackageNotFoundError:  # run from its sources
    VERSION = "0"
