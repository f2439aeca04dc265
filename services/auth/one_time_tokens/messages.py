"""A proof as requests bring it: a token, or an address with a code."""

from typing import Any

from kernel.emails import normalized_email
from kernel.fields import Fields
from services.auth.one_time_tokens.model import Proof


def check_proof(request: Any, fields: Fields) -> None:
    """Notes in `fields` what is missing of a proof, or is given twice."""
    if request.token:
        for name in ("email", "code"):
            if getattr(request, name):
                fields.refuse(name, "NOT_WITH_TOKEN", "Must not be given beside a token.")
    elif not (request.email and request.code) and not fields.bad:
        fields.refuse("token", "REQUIRED", "Must be given, or an address with its code.")


def proof_of(request: Any) -> Proof:
    """The proof in a request."""
    return Proof(request.token, normalized_email(request.email.strip()), request.code)
