"""What can go wrong when mail is sent."""


class MailRefused(Exception):
    """No server will ever accept this mail: sending it again is of no use."""


class MailUnavailable(Exception):
    """The mail cannot be sent at the moment."""
