"""What sessions stores: its families, which the repository declares, and what holds between them."""

import services.sessions.repository  # noqa: F401 - declares families and what holds between them
from services.sessions import invariants
from services.sessions.keys import SESSIONS

FAMILIES = SESSIONS.families
INVARIANTS = (*invariants.INVARIANTS, *SESSIONS.invariants)
