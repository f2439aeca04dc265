"""A proof as requests bring it: a token, or an address with a code."""

from typing import Any

from kernel.emails import normalized_email
from kernel.fields import Fields
from services.auth.one_time_tokens.model import Proof


def proof_of(request: Any) -> Proof:
    """The proof in a request. Raises `InvalidRequest` if it is missing, or given twice."""
    fields = Fields()
    if request.token:
        for name in ("email", "code"):
            if getattr(request, name):
                fields.refuse(name, "NOT_WITH_TOKEN", "Must not be given beside a token.")
    elif not (request.email and request.code):
        fields.refuse("token", "REQUIRED", "Must be given, or an address with its code.")
    fields.check()
    return Proof(request.token, normalized_email(request.email.strip()), request.code)
