"""The verbs of the desk, each with the call that it makes."""

from typing import NamedTuple


class Verb(NamedTuple):
    """A command with one call of the API.

    Attributes:
        name: The command.
        help: What it does.
        method: The HTTP method.
        path: The path below that of the target.
        fields: The members of the body, beside the reason, that come from arguments.
        flags: The members of the body that are true with an option of that name.
        reason: Whether it takes a reason, which goes into the operator log.
        items: The member of the answer with a list, whose pages are read one after the other.
    """

    name: str
    help: str
    method: str = "POST"
    path: str = ""
    fields: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    reason: bool = True
    items: str = ""


USERS = "/operator/users"
USER_VERBS = (
    Verb("show", "show a user", "GET", reason=False),
    Verb("logins", "list the logins", "GET", "/logins", reason=False, items="logins"),
    Verb("activity", "list what happened", "GET", "/activity", reason=False, items="events"),
    Verb("disable", "refuse all tokens and logins of the user", path="/disable"),
    Verb("enable", "let a disabled user log in again", path="/enable"),
    Verb("unlock", "forget wrong guesses at password and second factor", path="/unlock"),
    Verb("logout", "end all logins and programs of the user", path="/logout", flags=("tokens",)),
    Verb("reset-password", "mail a link that sets a new password", path="/reset-password"),
    Verb(
        "email",
        "correct the address; the user must prove the new one",
        path="/email",
        fields=("email",),
    ),
    Verb("remove-factors", "remove the second factors", path="/remove-factors"),
    Verb("hold", "keep the account from being erased", path="/hold"),
    Verb("release", "end a legal hold", path="/release"),
    Verb("delete", "delete the account", "DELETE"),
)
TENANTS = "/operator/tenants"
TENANT_VERBS = (
    Verb("show", "show a tenant with its owners", "GET", reason=False),
    Verb("members", "list the members", "GET", "/members", reason=False, items="members"),
    Verb("suspend", "suspend an organization; only operators can resume it", path="/suspend"),
    Verb("resume", "resume an organization", path="/resume"),
    Verb("hand-over", "make a member an owner", path="/hand-over", fields=("userId",)),
)
