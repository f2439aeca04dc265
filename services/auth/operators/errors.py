"""What can go wrong with an operator."""


class NotGranted(Exception):
    """A command cannot be done; the message says why, for the person at the command line."""
