"""Opens what sends mail, by the route that the settings name."""

from pathlib import Path

from kernel.mail.folder import FolderMail
from kernel.mail.route import Mail, MailRoute
from kernel.mail.smtp import SmtpMail


def open_mail(route: MailRoute) -> Mail:
    """Gives what sends mail that way."""
    return FolderMail(Path(route.folder)) if route.scheme == "file" else SmtpMail(route)
