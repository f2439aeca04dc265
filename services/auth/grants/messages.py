"""The message of a grant, which the export has, too."""

from coditect.auth.v5 import grants_pb2
from kernel.clock import timestamp
from kernel.identity.callers import Caller
from services.auth.grants.grants import ListedGrant
from services.auth.oauth_clients.messages import consent_scopes


def grant_message(listed: ListedGrant, caller: Caller) -> grants_pb2.Grant:
    """A grant as its user sees it, who calls."""
    grant = listed.login
    return grants_pb2.Grant(
        grant_id=str(grant.login_id),
        client_id=grant.client_id,
        client_name=listed.client_name,
        scopes=consent_scopes(grant.scopes),
        tenant_id=str(grant.tenant_id),
        create_time=timestamp(grant.create_time),
        last_used_time=timestamp(grant.last_used_time),
        expire_time=timestamp(grant.expire_time),
        user_agent=grant.device.user_agent,
        address=grant.device.address,
        current=grant.login_id == caller.login_id,
    )
