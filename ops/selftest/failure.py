"""The one error of the self-test."""


class Failed(Exception):
    """Something does not work; the text says what, for a person."""
