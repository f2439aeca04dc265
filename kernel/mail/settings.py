"""The settings of a service that sends mail."""

import re
from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from kernel.mail.route import MailRoute
from kernel.settings import Settings

_PLACEHOLDER = re.compile(r"\{[a-z]+\}")


def _sender(value: str) -> str:
    name, host = parseaddr(value)[1].rpartition("@")[::2]
    if not name or not host:
        raise ValueError("must be an email address, with or without a name")
    return value


def link(path: str) -> AfterValidator:
    """A link in emails, which is `TOKEN_ISSUER` and a path unless the setting says otherwise.

    Refuses a link without one of the placeholders of the path, such as `{token}`. The field needs
    `validate_default`.
    """
    needed = _PLACEHOLDER.findall(path)

    def check(value: str, info: ValidationInfo) -> str:
        if not value:
            return f"{info.data.get('token_issuer', '')}{path}"
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
