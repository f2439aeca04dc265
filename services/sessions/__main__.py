"""The process of sessions: `python -m services.sessions`."""

import sys

from kernel.rpc.process import main
from services.sessions.app import build
from services.sessions.settings import SessionsSettings

sys.exit(main("sessions", SessionsSettings, build))
