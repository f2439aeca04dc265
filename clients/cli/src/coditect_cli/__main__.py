"""`python -m coditect_cli` is `coditect`."""

from coditect_cli.app import run

run()
