"""What a browser sends to a page, and what a page is about."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import NamedTuple
from urllib.parse import urlencode

from services.auth.authorizations.model import AuthorizationParameters
from services.auth.oauth_pages.rendering import Hidden


class Form(NamedTuple):
    """What a person has typed and pressed; empty where a page was only opened.

    Attributes:
        step: The button.
        token: What shows that the form is ours.
        email: The address of the account.
        password: The password.
        code: A code of an app, or a recovery code.
        challenge: What a second factor answers.
        tenant_id: The chosen tenant.
        user_code: The code of a device.
    """

    step: str = ""
    token: str = ""
    email: str = ""
    password: str = ""
    code: str = ""
    challenge: str = ""
    tenant_id: str = ""
    user_code: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the pages of one request are about.

    Attributes:
        action: The path of the page.
        language: The language of the person.
        request_id: The id of this call, which a person can tell us.
        fields: The request, which every form carries along.
        client: The name of the client; empty if it is not known yet.
        answer_to: The redirect URI that a form may lead to; empty for none.
    """

    action: str
    language: str
    request_id: str
    fields: Hidden = field(default=())
    client: str = ""
    answer_to: str = ""

    def about(self, what: str) -> str:
        """What a form of these pages is bound to: the question, and the whole request."""
        return f"{what} {self.action}?{urlencode(self.fields)}"


def given(parameters: AuthorizationParameters) -> Iterator[tuple[str, str]]:
    """The parameters that are given, by their names in a form."""
    for parameter in fields(parameters):
        value: str | tuple[str, ...] = getattr(parameters, parameter.name)
        for one in (value,) if isinstance(value, str) else value:
            if one:
                yield parameter.name, one
