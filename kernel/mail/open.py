"""Creates the mail sender for the route in the settings."""

from pathlib import Path

from kernel.mail.folder import FolderMail
from kernel.mail.route import Mail, MailRoute
from kernel.mail.smtp import SmtpMail


def open_mail(route: MailRoute) -> Mail:
    """Returns the mail sender for a route."""
    return FolderMail(Path(route.folder)) if route.scheme == "file" else SmtpMail(route)
