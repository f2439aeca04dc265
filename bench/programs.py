"""Programs beside people: reads with a personal token and an access token, and the token endpoint.

python -m bench.programs [SECONDS]     seconds per measurement, default 5; needs h2load (nghttp2-client)
"""

import base64
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.load import run
from bench.system import (
    CHEAP,
    Row,
    User,
    at_least,
    at_most,
    checked,
    laptop,
    middle,
    new_user,
    post,
    report,
)

ROUNDS = 3
CLIENTS = 16
FORM = "content-type: application/x-www-form-urlencoded"
SCOPES = ["sessions:read"]


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Yields the rows of the table."""
    with laptop(folder / "data", more=CHEAP) as running:
        running.wait_until_ready()
        user = new_user(running)
        made = post(
            f"{user.url}/api/v5/auth/tokens", {"name": "bench", "scopes": SCOPES}, user.token
        )
        yield from _reads(user, made["token"], seconds)
        yield from _token_endpoint(user, seconds)


def _reads(user: User, personal_token: str, seconds: int) -> Iterator[Row]:
    """Alternates the two, so that both see the same load of the machine."""
    bearers = {"access token": user.token, "personal token": personal_token}
    loads: dict[str, list[Any]] = {name: [] for name in bearers}
    for _ in range(ROUNDS):
        for name, bearer in bearers.items():
            headers = [f"authorization: Bearer {bearer}"]
            load = run(user.session_url, seconds=seconds, clients=CLIENTS, headers=headers)
            loads[name].append(checked(load))
    found = {name: middle(several) for name, several in loads.items()}
    for name, load in found.items():
        yield Row(f"session GET by {name}: requests/s", f"{load.rate:.0f}")
    rates = found["personal token"].rate, found["access token"].rate
    yield at_least("personal token / access token", rates[0] / rates[1], 0.7)


def _token_endpoint(user: User, seconds: int) -> Iterator[Row]:
    """A service account's client asks for tokens, which costs no password hash and no row."""
    client = _client_of_a_service_account(user)
    basic = base64.b64encode(":".join(map(urllib.parse.quote, client)).encode()).decode()
    load = run(
        f"{user.url}/oauth/token",
        seconds=seconds,
        clients=CLIENTS,
        headers=[FORM, f"authorization: Basic {basic}"],
        body=b"grant_type=client_credentials",
    )
    yield Row("tokens for a service account: requests/s", f"{checked(load).rate:.0f}")
    yield at_most("tokens for a service account: p99", load.percentile(0.99), 100, "ms")


def _client_of_a_service_account(user: User) -> tuple[str, str]:
    """The id and the secret of a client, in a new organization of the user."""
    api = f"{user.url}/api/v5"
    tenant = post(f"{api}/tenants", {"name": "Bench"}, user.token)["tenantId"]
    switched = post(f"{api}/auth/switch-tenant", {"tenantId": tenant}, user.token)
    token = switched["tokens"]["accessToken"]
    named = {"name": "bench", "role": "member", "scopes": SCOPES}
    account = post(f"{api}/tenants/{tenant}/service-accounts", named, token)
    asked = {
        "name": "bench",
        "authMethod": "client_secret_basic",
        "grantTypes": ["client_credentials"],
        "scopes": SCOPES,
        "serviceAccountId": account["accountId"],
    }
    made = post(f"{api}/tenants/{tenant}/clients", asked, token)
    return made["client"]["clientId"], made["clientSecret"]


if __name__ == "__main__":
    sys.exit(report(measure))
