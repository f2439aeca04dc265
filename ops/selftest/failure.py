"""The error of the self-test."""


class Failed(Exception):
    """A check failed; the text says why, for the operator."""
