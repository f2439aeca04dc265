"""Attacks with tokens that an attacker has, or makes up, through the gateway: RFC 9700 and OAuth 2.1 (draft 16).

docs/security.md has the table of all of them.
"""

import httpx
import pytest

from tests.end_to_end.attacks import (
    ACCESS_TOKEN,
    EXCHANGE,
    TOKEN,
    actors_of,
    asked,
    claims_of,
    error,
    error_at_client,
    exchanged,
    new_id,
    opens_nothing,
    robot_of,
    second_of,
    with_code,
)
from tests.end_to_end.authorization import (
    CLIENT_ID,
    approved,
    bearer,
    granted,
    refresh,
)
from tests.end_to_end.person import Person, error_of, new_person
from tests.end_to_end.programs import agent_of, new_session, script_of

REFUSED = (400, "invalid_grant")
INVALID = (400, "invalid_request")
NOT_ACTIVE = b'{"active":false}'


def test_no_other_token_is_an_access_token(http: httpx.Client, person: Person) -> None:
    """Each token is good for its own purpose (RFC 9700, section 4.6; OAuth 2.1, section 7.1.1)."""
    code = approved(person)
    tokens = granted(http, person)
    for other in (tokens["id_token"], tokens["refresh_token"], code, person.tokens["refreshToken"]):
        assert opens_nothing(http, other)
    for other in (tokens["id_token"], tokens["refresh_token"], code):
        assert error(exchanged(http, other)) == INVALID
        typed = exchanged(http, other, subject_token_type="urn:ietf:params:oauth:token-type:jwt")
        assert error(typed) == INVALID
    typed = exchanged(
        http, tokens["id_token"], subject_token_type="urn:ietf:params:oauth:token-type:id_token"
    )
    assert error(typed) == INVALID


def test_no_other_token_is_a_refresh_token(http: httpx.Client, person: Person) -> None:
    """Nor is the token of a user's own login one of a program, or the other way round (RFC 9700, 4.14)."""
    tokens = granted(http, person)
    script = script_of(person)
    own = person.tokens["refreshToken"]
    for other in (tokens["access_token"], tokens["id_token"], script.token, own):
        assert error(refresh(http, {"refresh_token": other})) == REFUSED
        assert error(refresh(http, {"refresh_token": other}, client_id="coditect")) == (
            401,
            "invalid_client",
        )
    theirs = http.post("/api/v5/auth/refresh", json={"refreshToken": tokens["refresh_token"]})
    assert error_of(theirs)["code"] == "REFRESH_TOKEN_INVALID"
    assert person.call("GET", "/auth/me").status_code == 200
    assert refresh(http, tokens).status_code == 200


def test_a_token_in_the_address_or_the_body(http: httpx.Client, person: Person) -> None:
    """It gives no access there (RFC 9700, section 4.3.2)."""
    token = granted(http, person)["access_token"]
    assert http.get("/oauth/userinfo", params={"access_token": token}).status_code == 401
    assert http.post("/oauth/userinfo", data={"access_token": token}).status_code == 401


@pytest.mark.parametrize(
    "resource",
    ["https://other.example/api", "{issuer}", "{issuer}/api/v5/sessions", "{issuer}/api/v5#x", "x"],
)
def test_a_token_for_another_audience(resource: str, http: httpx.Client, person: Person) -> None:
    """This server gives tokens for its own API alone (RFC 9700, section 4.10.2; RFC 8707)."""
    issuer = http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    named = resource.format(issuer=issuer)
    assert error_at_client(asked(http, resource=named)) == "invalid_target"
    tokens = granted(http, person)
    assert error(refresh(http, tokens, resource=named)) == (400, "invalid_target")
    for parameter in ("resource", "audience"):
        answer = exchanged(http, tokens["access_token"], **{parameter: named})
        assert error(answer) == (400, "invalid_target")
    assert claims_of(tokens["access_token"])["aud"] == f"{issuer}/api/v5"
    assert refresh(http, tokens).status_code == 200


def test_a_refresh_token_of_another_client(http: httpx.Client, person: Person) -> None:
    """A thief needs its client, too; their attempt ends nothing (RFC 9700, section 4.14.2)."""
    robot = robot_of(person)
    tokens = granted(http, person)
    robots = robot.post(TOKEN, **with_code(approved(person, **robot.approval()))).json()
    form = {"grant_type": "refresh_token", "refresh_token": robots["refresh_token"]}
    assert error(refresh(http, robots)) == REFUSED
    assert error(http.post(TOKEN, data={**form, "client_id": robot.client_id})) == (
        401,
        "invalid_client",
    )
    assert error(refresh(http, tokens, client_id="coditect-ide")) == REFUSED
    other = robot_of(new_person(http))
    assert error(other.post(TOKEN, **form)) == REFUSED
    assert robot.post(TOKEN, **form).status_code == 200
    assert refresh(http, tokens).status_code == 200


def test_a_refresh_token_that_is_used_again(http: httpx.Client, person: Person) -> None:
    """There is a copy: the grant ends, with all its access tokens (RFC 9700, section 4.14.2)."""
    first = granted(http, person)
    second = refresh(http, first).json()
    third = refresh(http, second).json()
    assert error(refresh(http, first)) == REFUSED
    assert error(refresh(http, third)) == REFUSED
    for tokens in (first, second, third):
        assert opens_nothing(http, tokens["access_token"])
    assert person.call("GET", "/auth/me").status_code == 200


def test_scopes_do_not_widen(http: httpx.Client, person: Person) -> None:
    """Not at a refresh, not at an exchange, not beyond what the client may have.

    RFC 9700, section 2.3; OAuth 2.1, section 7.1.4.
    """
    robot = robot_of(person)
    for scope in ("login", "root", "sessions:read login"):
        assert error_at_client(asked(http, scope=scope)) == "invalid_scope"
    for scope in ("account:write", "tenants:write"):
        given = {"client_id": robot.client_id, "redirect_uri": "", "scope": scope}
        assert "error=invalid_scope" in asked(http, **given).text
        pushed = robot.post(
            "/oauth/par",
            response_type="code",
            code_challenge="c" * 43,
            code_challenge_method="S256",
            scope=scope,
        )
        assert error(pushed) == (400, "invalid_scope")
    tokens = granted(http, person, scope="sessions:read offline_access")
    assert tokens["scope"] == "offline_access sessions:read"
    for scope in ("sessions:write", "account:read sessions:read", "login"):
        assert error(refresh(http, tokens, scope=scope)) == (400, "invalid_scope")
        answer = exchanged(http, tokens["access_token"], scope=scope)
        assert error(answer) == (400, "invalid_scope")
    own = exchanged(http, person.tokens["accessToken"]).json()
    assert {"login", "offline_access"} & set(own["scope"].split()) == set()
    less = refresh(http, tokens, scope="sessions:read").json()
    assert less["scope"] == "sessions:read"
    assert http.get("/api/v5/auth/me", headers=bearer(less)).status_code == 403


def test_a_chain_of_actors_does_not_widen(http: httpx.Client, person: Person) -> None:
    """Each exchange names who acts, behind all who had the token; it has no more, and ends no later.

    RFC 8693, sections 4.1 and 5.
    """
    robot = robot_of(person)
    first = robot.post(TOKEN, **with_code(approved(person, **robot.approval()))).json()
    before, names, end = first["access_token"], [robot.client_id], 0
    for client_id in ("coditect-ide", "coditect-cli", "coditect-ide"):
        answer = exchanged(http, before, client_id=client_id)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        claims = claims_of(token)
        names.insert(0, client_id)
        assert actors_of(token) == names
        assert (claims["client_id"], claims["scope"]) == (client_id, "sessions:read")
        assert claims["exp"] <= (end or claims["exp"])
        assert claims["sid"] == claims_of(before)["sid"]
        before, end = token, claims["exp"]
    assert error(exchanged(http, before, client_id="coditect-cli")) == INVALID
    assert person.call("DELETE", f"/tenants/{robot.tenant_id}/clients/{robot.client_id}").is_success
    assert opens_nothing(http, before)


def test_a_token_of_a_workspace_stays_in_it(http: httpx.Client, person: Person) -> None:
    """An exchange does not free it from its session, nor hide its agent (RFC 8693, section 5)."""
    session = new_session(person)
    agent = agent_of(person, session, ["sessions:read"])
    assert error(exchanged(http, agent.token, scope="sessions:write")) == (400, "invalid_scope")
    token = exchanged(http, agent.token).json()["access_token"]
    claims = claims_of(token)
    assert session.endswith(claims["session_id"])
    assert actors_of(token) == ["coditect-ide", "reviewer"]
    other = new_session(person)
    headers = {"authorization": f"Bearer {token}"}
    assert http.get(f"/api/v5{session}", headers=headers).status_code == 200
    assert http.get(f"/api/v5{other}", headers=headers).status_code in {403, 404}
    assert person.call("DELETE", session).is_success
    assert opens_nothing(http, token)


def test_the_client_of_an_agent_is_named(http: httpx.Client, person: Person) -> None:
    """An agent that a program has started, whose token is exchanged: it ends with that program, too."""
    robot = robot_of(person)
    scope = "sessions:read sessions:write"
    code = approved(person, **robot.approval(scope=scope))
    tokens = robot.post(TOKEN, **with_code(code)).json()
    session = new_session(person)
    body = {"agent": "reviewer", "scopes": ["sessions:read"]}
    path = f"/api/v5{session}/token"
    made = http.post(path, json=body, headers=bearer(tokens)).json()["data"]
    token = exchanged(http, made["token"]).json()["access_token"]
    assert actors_of(token) == ["coditect-ide", "reviewer", robot.client_id]
    assert person.call("DELETE", f"/tenants/{robot.tenant_id}/clients/{robot.client_id}").is_success
    assert opens_nothing(http, token)
    assert opens_nothing(http, made["token"])


def test_an_exchanged_token_makes_no_longer_one(http: httpx.Client, person: Person) -> None:
    """A workspace token that it makes ends with it (RFC 8693, section 5)."""
    session = new_session(person)
    lent = exchanged(http, person.tokens["accessToken"]).json()
    answer = http.post(f"/api/v5{session}/token", json={}, headers=bearer(lent))
    assert answer.status_code == 201, answer.text
    assert second_of(answer.json()["data"]["expireTime"]) <= claims_of(lent["access_token"])["exp"]


def test_a_client_without_its_proof(http: httpx.Client, person: Person) -> None:
    """No client exchanges, refreshes, revokes or looks into a token as another one.

    RFC 9700, section 2.5; OAuth 2.1, section 7.3. All are answered alike.
    """
    robot, other = robot_of(person), robot_of(person)
    forms = {
        TOKEN: {"grant_type": "refresh_token", "refresh_token": "x"},
        "/oauth/introspect": {"token": "x"},
        "/oauth/revoke": {"token": "x"},
        "/oauth/par": {"response_type": "code"},
        "/oauth/device_authorization": {"scope": "sessions:read"},
    }
    answers = set()
    for path, form in forms.items():
        for refused in (
            http.post(path, data={**form, "client_id": robot.client_id}),
            http.post(path, data=form, auth=(robot.client_id, "")),
            http.post(path, data=form, auth=(robot.client_id, other.secret)),
            http.post(path, data=form, auth=(new_id(), robot.secret)),
            http.post(path, data=form, auth=(CLIENT_ID, "x")),
            http.post(path, data=form, auth=("coditect", "")),
            http.post(path, data={**form, "client_id": new_id()}),
            robot.post(path, **form, client_id=other.client_id),
        ):
            assert error(refused) == (401, "invalid_client"), (path, refused.request.content)
            answers.add(refused.content)
    assert len(answers) == 1


def test_introspection_is_no_oracle(http: httpx.Client, person: Person) -> None:
    """Of a token that is not its own a client learns nothing, not even that there is one (RFC 7662, section 4).

    The answers are the same bytes; a look ends nothing.
    """
    robot, stranger = robot_of(person), robot_of(new_person(http))
    tokens = granted(http, person)
    own = robot.post(TOKEN, **with_code(approved(person, **robot.approval()))).json()
    script = script_of(person)
    agent = agent_of(person, new_session(person))
    texts = [
        "noise",
        "eyJhbGciOiJub25lIn0.e30.",
        tokens["access_token"],
        tokens["refresh_token"],
        tokens["id_token"],
        person.tokens["accessToken"],
        person.tokens["refreshToken"],
        script.token,
        agent.token,
    ]
    answers = [robot.post("/oauth/introspect", token=text) for text in texts]
    answers += [
        stranger.post("/oauth/introspect", token=own[name])
        for name in ("access_token", "refresh_token")
    ]
    assert {answer.content for answer in answers} == {NOT_ACTIVE}
    assert len({tuple(sorted(_telling(answer))) for answer in answers}) == 1
    for name in ("access_token", "refresh_token"):
        found = robot.post("/oauth/introspect", token=own[name], token_type_hint="x").json()
        assert (found["active"], found["client_id"]) == (True, robot.client_id)
    public = http.post("/oauth/introspect", data={"client_id": CLIENT_ID, "token": "x"})
    assert error(public) == (401, "invalid_client")
    assert refresh(http, tokens).status_code == 200


def test_a_revocation_by_another_client(http: httpx.Client, person: Person) -> None:
    """It ends nothing, and tells nothing (RFC 7009, section 5)."""
    robot, tokens = robot_of(person), granted(http, person)
    for text in (tokens["refresh_token"], tokens["access_token"], person.tokens["refreshToken"]):
        answer = robot.post("/oauth/revoke", token=text)
        assert (answer.status_code, answer.content) == (200, b"{}")
    assert http.get("/oauth/userinfo", headers=bearer(tokens)).status_code == 200
    assert refresh(http, tokens).status_code == 200
    assert person.call("GET", "/auth/me").status_code == 200


def test_a_client_is_no_user(http: httpx.Client, person: Person) -> None:
    """A client gets tokens of itself only with a service account (RFC 9700, section 4.15)."""
    robot = robot_of(person)
    answer = robot.post(TOKEN, grant_type="client_credentials")
    assert error(answer) == (400, "unauthorized_client")
    public = http.post(TOKEN, data={"grant_type": "client_credentials", "client_id": CLIENT_ID})
    assert error(public) == (400, "unauthorized_client")


def test_a_stranger_exchanges_no_token(http: httpx.Client, person: Person) -> None:
    """A client of another organization gets nothing for a token that it was shown (RFC 9700, 4.9.1)."""
    stranger = robot_of(new_person(http))
    form = {"grant_type": EXCHANGE, "subject_token_type": ACCESS_TOKEN}
    script = script_of(person)
    for token in (
        person.tokens["accessToken"],
        granted(http, person)["access_token"],
        script.token,
    ):
        assert error(stranger.post(TOKEN, **form, subject_token=token)) == REFUSED


def _telling(answer: httpx.Response) -> list[tuple[str, str]]:
    """The headers of an answer that could tell one from the other."""
    return [
        (name, value)
        for name, value in answer.headers.items()
        if name not in {"date", "x-request-id"}
    ]
