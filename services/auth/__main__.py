"""The process of auth: `python -m services.auth`."""

import sys

from kernel.rpc.process import main
from services.auth.app import build
from services.auth.settings import AuthSettings

sys.exit(main("auth", AuthSettings, build))
