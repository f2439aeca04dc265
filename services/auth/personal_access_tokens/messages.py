"""The message about a personal access token, of its servicer and of exports."""

from coditect.auth.v5 import personal_access_tokens_pb2
from kernel.clock import timestamp
from services.auth.personal_access_tokens.model import PersonalAccessToken


def token_message(token: PersonalAccessToken) -> personal_access_tokens_pb2.PersonalAccessToken:
    """A token, without its secret."""
    used = token.last_used_time
    return personal_access_tokens_pb2.PersonalAccessToken(
        token_id=str(token.token_id),
        name=token.name,
        scopes=sorted(token.scopes),
        tenant_id=str(token.tenant_id),
        create_time=timestamp(token.create_time),
        expire_time=timestamp(token.expire_time),
        last_used_time=None if used is None else timestamp(used),
    )
