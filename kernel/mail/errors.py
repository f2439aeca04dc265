"""The errors of sending mail."""


class MailRefused(Exception):
    """The mail is rejected permanently: a retry cannot succeed."""


class MailUnavailable(Exception):
    """The mail cannot be sent at the moment; a retry may succeed."""
