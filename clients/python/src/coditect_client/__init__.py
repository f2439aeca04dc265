"""The Python client of the Coditect IDE platform.

    with Client("https://coditect.example.com") as client:
        client.logins.login({"email": "ada@example.com", "password": "…"})
        for session in client.sessions.list_sessions():
            print(session["name"])

`AsyncClient` is the same with `await`. Errors have a class for each code in `coditect_client.errors`;
the shapes of requests and answers are in `coditect_client.models`. `coditect_client.rpc` calls services
over gRPC; it needs the extra `coditect-client[grpc]`.
"""

from coditect_client.async_client import AsyncClient
from coditect_client.client import Client
from coditect_client.exceptions import ApiError, CoditectError, FieldViolation, NetworkError
from coditect_client.pages import AsyncPages, Page, Pages
from coditect_client.tokens import Memory, TokenStore

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncPages",
    "Client",
    "CoditectError",
    "FieldViolation",
    "Memory",
    "NetworkError",
    "Page",
    "Pages",
    "TokenStore",
]
