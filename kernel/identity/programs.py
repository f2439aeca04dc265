"""Which program acts for a user, as logs keep it."""

from typing import NamedTuple
from uuid import UUID


class Program(NamedTuple):
    """A program that acts for a user; all of it is empty for the user's own login.

    Attributes:
        client_id: The client of OAuth; empty without one.
        token_id: The personal token, key or workspace token; None without one.
        agent: Whom the token names as the one who acts (RFC 8693, section 4.1); empty without one.
    """

    client_id: str = ""
    token_id: UUID | None = None
    agent: str = ""


NO_PROGRAM = Program()
"""The user's own login."""
