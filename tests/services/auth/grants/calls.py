"""Grants over a real channel."""

from dataclasses import asdict
from typing import Any

from coditect.auth.v5 import authorizations_pb2, oauth_pb2
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import OAuthClient
from tests.services.auth.authorizations.harness import VERIFIER, Answer, parameters
from tests.services.auth.server import Auth


def request_of(
    client: OAuthClient = CLI, **given: Any
) -> authorizations_pb2.AuthorizationParameters:
    """A good request of a client, except for the given parameters."""
    return authorizations_pb2.AuthorizationParameters(**asdict(parameters(client, **given)))


async def answer(auth: Auth, token: str, *, approve: bool = True, **given: Any) -> Answer:
    """Where the browser of a user goes who approves a program, or refuses it."""
    request = authorizations_pb2.AnswerAuthorizationRequest(
        parameters=request_of(**given), approve=approve
    )
    return Answer.of((await auth.call("AnswerAuthorization", request, token)).redirect_uri)


async def grant(auth: Auth, token: str, **given: Any) -> oauth_pb2.TokenResponse:
    """The tokens of a new grant of a user."""
    found = await answer(auth, token, **given)
    request = oauth_pb2.TokenRequest(
        grant_type="authorization_code",
        client_id=CLI.client_id,
        code=found.parameters["code"],
        code_verifier=VERIFIER,
    )
    tokens = await auth.call("Token", request)
    assert isinstance(tokens, oauth_pb2.TokenResponse)
    return tokens
