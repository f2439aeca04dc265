"""Programs with OAuth libraries that others wrote. They know the issuer and their own client, no more."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client import BaseApp, FrameworkIntegration
from authlib.integrations.base_client.sync_app import OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

from tests.support import node

SCOPE = "openid profile email offline_access sessions:read"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Result = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """What a program has been told when it was registered."""

    client_id: str
    redirect_uri: str
    secret: str | None = None


class User(Protocol):
    """The user of a program, with a browser."""

    def authorize(self, url: str) -> str:
        """Opens a page, logs in and approves; returns the URL that the browser is sent to."""
        ...

    def approve_device(self, url: str, user_code: str) -> None:
        """Types the code of a device on a page, logs in and approves."""
        ...


class Program(Protocol):
    """Uses everything that the authorization server offers to a client, and says what it has seen."""

    def run(self, issuer: str, client: Client, user: User) -> Result:
        """Runs it with its user."""


class NodeProgram:
    """A program of tests/clients/node/programs."""

    def __init__(self, name: str) -> None:
        self._name = name

    def run(self, issuer: str, client: Client, user: User) -> Result:
        """Runs it."""
        secret = [client.secret] if client.secret else []
        return run_node(self._name, user, issuer, client.client_id, client.redirect_uri, *secret)


def run_node(name: str, user: User, *arguments: str) -> Result:
    """Runs a program of tests/clients/node/programs; the user does what it asks for on stdout."""
    with subprocess.Popen(
        ["node", str(node.SOURCES / "programs" / f"{name}.mjs"), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            for line in process.stdout:
                match json.loads(line):
                    case {"authorize": url}:
                        answer = user.authorize(url)
                    case {"device": [url, user_code]}:
                        user.approve_device(url, user_code)
                        answer = ""
                    case {"result": result}:
                        return dict(result)
                process.stdin.write(f"{answer}\n")
                process.stdin.flush()
        finally:
            process.kill()
        _, errors = process.communicate()
    raise AssertionError(errors)


class _Application(OAuth2Mixin, OpenIDMixin, BaseApp):
    """Authlib's client as its integrations with frameworks use it, without a framework."""

    client_cls = OAuth2Session


class Authlib:
    """A program with Authlib."""

    def run(self, issuer: str, client: Client, user: User) -> Result:
        """Runs it in this process."""
        application = _Application(
            FrameworkIntegration("coditect"),
            client_id=client.client_id,
            client_secret=client.secret,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
        )
        metadata = application.load_server_metadata()
        token, claims = self._log_in(application, client, user)
        with OAuth2Session(client.client_id, client.secret, token=token) as session:
            return {
                "claims": claims,
                "scope": token["scope"],
                "userinfo": application.userinfo(token=token),
                **self._keep_and_end(session, metadata, client),
                **self._let_device_in(application, metadata, client, user),
            }

    @staticmethod
    def _log_in(application: _Application, client: Client, user: User) -> tuple[Result, Result]:
        """Gets tokens by a code with PKCE; returns them, and the claims of the ID token."""
        request = application.create_authorization_url(redirect_uri=client.redirect_uri)
        assert "code_challenge_method=S256" in request["url"]
        answer = parse_qs(urlsplit(user.authorize(request["url"])).query)
        assert answer["state"] == [request["state"]]
        token = application.fetch_access_token(
            redirect_uri=client.redirect_uri,
            code=answer["code"][0],
            code_verifier=request["code_verifier"],
        )
        claims = application.parse_id_token(token, nonce=request["nonce"])
        assert claims is not None
        return dict(token), dict(claims)

    @staticmethod
    def _keep_and_end(session: OAuth2Session, metadata: Result, client: Client) -> Result:
        """Refreshes, introspects, and revokes."""
        before = session.token["refresh_token"]
        refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=before)

        def introspect() -> Result | None:
            if not client.secret:
                return None
            answer = session.introspect_token(
                metadata["introspection_endpoint"], token=refreshed["access_token"]
            )
            return dict(answer.json())

        introspection = introspect()
        after = refreshed["refresh_token"]
        session.revoke_token(metadata["revocation_endpoint"], token=after).raise_for_status()
        revoked = session.post(
            metadata["token_endpoint"],
            data={"grant_type": "refresh_token", "refresh_token": after},
            auth=session.client_auth(session.token_endpoint_auth_method),
            withhold_token=True,
        ).json()["error"]
        return {
            "rotated": before != after,
            "introspection": introspection,
            "revoked": revoked,
            "introspectionAfter": introspect(),
        }

    @staticmethod
    def _let_device_in(
        application: _Application, metadata: Result, client: Client, user: User
    ) -> Result:
        """Gets tokens by the code of a device."""
        with OAuth2Session(client.client_id, client.secret) as session:
            device = session.post(
                metadata["device_authorization_endpoint"],
                data={"scope": SCOPE},
                auth=session.client_auth(session.token_endpoint_auth_method),
                withhold_token=True,
            ).json()
            user.approve_device(device["verification_uri"], device["user_code"])
            token = session.fetch_token(
                metadata["token_endpoint"],
                grant_type=_DEVICE_GRANT,
                device_code=device["device_code"],
            )
        return {"deviceUser": dict(application.userinfo(token=token))}
