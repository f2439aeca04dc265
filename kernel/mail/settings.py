"""The settings of a service that sends mail."""

from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from kernel.mail.route import MailRoute
from kernel.settings import Settings


def _sender(value: str) -> str:
    name, host = parseaddr(value)[1].rpartition("@")[::2]
    if not name or not host:
        raise ValueError("must be an email address, with or without a name")
    return value


def link_with(*placeholders: str) -> AfterValidator:
    """Refuses a link without one of the placeholders, such as `token`."""
    needed = [f"{{{name}}}" for name in placeholders]

    def check(value: str) -> str:
        if not all(one in value for one in needed):
            raise ValueError(f"must contain {' and '.join(needed)}")
        return value

    return AfterValidator(check)


MailSetting = Annotated[MailRoute, BeforeValidator(MailRoute.parse)]


class MailSettings(Settings):
    """The settings of mail, the same in every service that sends some."""

    mail_url: MailSetting | None = None
    """How email is sent, see `kernel.mail`. Without it no email is sent."""
    mail_from: Annotated[str, AfterValidator(_sender)] = "Coditect <no-reply@coditect.local>"
    """The sender of the emails."""
