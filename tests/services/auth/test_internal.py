"""What other services ask of auth."""

from typing import Any
from uuid import UUID

import pytest

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1.auth_pb2_grpc import AuthInternalServiceStub
from kernel.errors import Kind, ServiceError
from tests.services.auth.harness import EMAIL
from tests.services.auth.server import Auth

NOBODY = str(UUID(int=7, version=4))


async def profile(auth: Auth, user_id: str, peer: str = "tenants") -> Any:
    """What a service is told of a user."""
    client = auth.service.peer(peer)
    request = internal_pb2.GetUserProfileRequest(user_id=user_id)
    return await client.call(client.stub(AuthInternalServiceStub).GetUserProfile, request)


async def test_profile_of_a_user(auth: Auth) -> None:
    """Tenants learns the name and the address, in both spellings, and nothing else."""
    user = (await auth.register()).user
    assert await profile(auth, user.user_id) == internal_pb2.GetUserProfileResponse(
        email=EMAIL, normalized_email=EMAIL.lower(), first_name="Ada", last_name="Lovelace"
    )


@pytest.mark.parametrize(
    ("user_id", "peer", "kind", "reason"),
    [
        (NOBODY, "tenants", Kind.NOT_FOUND, "USER_NOT_FOUND"),
        ("Ada", "tenants", Kind.INVALID, "INVALID_REQUEST"),
        (NOBODY, "sessions", Kind.FORBIDDEN, "SERVICE_NOT_ALLOWED"),
    ],
)
async def test_profile_is_refused(
    auth: Auth, user_id: str, peer: str, kind: Kind, reason: str
) -> None:
    """Nobody is told of a user who is not there, and no service but tenants of any."""
    with pytest.raises(ServiceError) as error:
        await profile(auth, user_id, peer)
    assert (error.value.kind, error.value.reason) == (kind, reason)
