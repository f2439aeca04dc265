"""The main journey: sign up, log in, work and log out, like a browser."""

from uuid import NAMESPACE_OID, uuid5

import httpx
import jwt
import pytest

from tests.end_to_end.person import EVERY_SERVICE, PASSWORD, Person, error_of, log_in, new_person
from tools.laptop import Laptop


def test_registration_gives_tokens_for_the_self_tenant(http: httpx.Client) -> None:
    """Register returns 201 and a 15-minute EdDSA token for the self-tenant with the specified id."""
    person = new_person(http)

    user, tenant, tokens = (person.answer[name] for name in ("user", "tenant", "tokens"))
    claims = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
    expected = str(uuid5(NAMESPACE_OID, f"self-tenant-{user['userId']}"))
    assert jwt.get_unverified_header(tokens["accessToken"])["alg"] == "EdDSA"
    assert jwt.get_unverified_header(tokens["accessToken"])["typ"] == "at+jwt"
    assert claims["exp"] - claims["iat"] == 900 == tokens["expiresIn"]
    assert (claims["sub"], claims["tenant_id"], claims["role"]) == (
        user["userId"],
        expected,
        "owner",
    )
    assert (tenant["tenantId"], tenant["kind"], tenant["role"]) == (expected, "self", "owner")
    assert tokens["tokenType"] == "Bearer"
    assert set(user) == {
        "userId", "email", "firstName", "lastName", "company", "createTime", "emailVerified",
        "language", "secondFactor",
    }  # fmt: skip


def test_token_verifies_with_the_published_keys(
    http: httpx.Client, person: Person, laptop: Laptop
) -> None:
    """The JWKS is bare JSON, and its key verifies an access token."""
    jwks = http.get("/.well-known/jwks.json").json()
    token = person.tokens["accessToken"]
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = [key for key in jwt.PyJWKSet.from_dict(jwks).keys if key.key_id == kid]

    issuer = f"http://localhost:{laptop.settings.port}"
    claims = jwt.decode(token, key.key, ["EdDSA"], issuer=issuer, audience=f"{issuer}/api/v5")

    assert claims["sub"] == person.user_id


def test_working_in_a_session(person: Person) -> None:
    """A session is created, read, changed by revision and deleted; then it is not found."""
    created = person.call("POST", "/sessions", {"name": "one", "workspacePath": "/home/ada"})
    assert created.status_code == 201
    session = created.json()["data"]
    path = f"/sessions/{session['sessionId']}"
    assert (session["revision"], session["state"]) == (1, {})
    assert person.call("GET", path).json()["data"] == session

    state = {"open": ["a.py", "b.py"], "cursor": {"line": 3.5}, "dirty": True, "theme": None}
    changed = person.call("PATCH", path, {"state": state, "revision": 1})
    assert changed.status_code == 200
    assert (changed.json()["data"]["revision"], changed.json()["data"]["state"]) == (2, state)

    stale = person.call("PATCH", path, {"name": "two", "revision": 1})
    assert (stale.status_code, error_of(stale)["code"]) == (409, "REVISION_STALE")
    heartbeat = person.call("PATCH", path, {})
    assert heartbeat.json()["data"]["revision"] == 2

    assert person.call("DELETE", path).json() == {"success": True, "data": {}}
    assert person.call("DELETE", path).status_code == 404
    assert error_of(person.call("GET", path))["code"] == "SESSION_NOT_FOUND"


def test_sessions_with_much_state_are_listed(person: Person) -> None:
    """Lists of large sessions have shorter pages, even if JSON escapes one byte to six."""
    for _ in range(40):
        assert person.call("POST", "/sessions", {"state": {"a": "<" * 65_000}}).status_code == 201

    seen, token = 0, ""
    while seen == 0 or token:
        page = person.call("GET", "/sessions", params={"pageToken": token})
        assert page.status_code == 200, page.text[:200]
        seen += len(page.json()["data"]["sessions"])
        token = page.json()["data"]["nextPageToken"]

    assert seen == 40


def test_path_is_kept_as_it_is(person: Person) -> None:
    """A workspace path is returned exactly, in any Unicode form and with its blanks."""
    path = "/home/ada/Cafe\u0301 "

    created = person.call("POST", "/sessions", {"workspacePath": path})

    assert created.json()["data"]["workspacePath"] == path


def test_paging_through_250_sessions(person: Person) -> None:
    """Paging lists every session exactly once; then all are deleted with one call."""
    made = {
        person.call("POST", "/sessions", {"name": f"s{n}"}).json()["data"]["sessionId"]
        for n in range(250)
    }

    seen, token, pages = [], "", 0
    while True:
        page = person.call("GET", "/sessions", params={"pageSize": 100, "pageToken": token})
        data = page.json()["data"]
        seen += [session["sessionId"] for session in data["sessions"]]
        pages += 1
        token = data["nextPageToken"]
        if not token:
            break

    assert (sorted(seen), pages) == (sorted(made), 3)
    assert len(person.call("GET", "/sessions").json()["data"]["sessions"]) == 50
    assert person.call("DELETE", "/sessions").json() == {"success": True, "data": {}}
    assert person.call("GET", "/sessions").json()["data"] == {"sessions": [], "nextPageToken": ""}


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"name": "mine now"}), ("DELETE", None)]
)
def test_sessions_of_others_are_not_found(
    http: httpx.Client, person: Person, method: str, body: dict[str, str] | None
) -> None:
    """Another user gets the same response for a session as for an unknown one."""
    session_id = person.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    stranger = new_person(http)

    refused = stranger.call(method, f"/sessions/{session_id}", body)
    absent = stranger.call(method, "/sessions/11111111-1111-4111-8111-111111111111", body)

    assert refused.status_code == absent.status_code == 404
    assert error_of(refused)["code"] == error_of(absent)["code"] == "SESSION_NOT_FOUND"
    assert person.call("GET", f"/sessions/{session_id}").status_code == 200


def test_a_page_token_of_another_user(http: httpx.Client, person: Person) -> None:
    """A page token is valid only for its own list."""
    for _ in range(2):
        person.call("POST", "/sessions", {})
    page = person.call("GET", "/sessions", params={"pageSize": 1}).json()["data"]
    stranger = new_person(http)

    refused = stranger.call("GET", "/sessions", params={"pageToken": page["nextPageToken"]})

    assert (refused.status_code, error_of(refused)["code"]) == (400, "PAGE_TOKEN_INVALID")


def test_tenants_of_a_user(person: Person) -> None:
    """A new user has exactly one tenant: its self-tenant, which it owns."""
    listed = person.call("GET", "/tenants").json()["data"]
    tenant_id = person.answer["tenant"]["tenantId"]

    assert [(t["tenantId"], t["role"]) for t in listed["tenants"]] == [(tenant_id, "owner")]
    one = person.call("GET", f"/tenants/{tenant_id}").json()["data"]
    assert one == listed["tenants"][0]
    assert set(one) == {"tenantId", "name", "slug", "kind", "role", "state", "createTime"}


def test_tenant_of_another_user_is_not_found(http: httpx.Client, person: Person) -> None:
    """The tenant of another user looks like an unknown one."""
    stranger = new_person(http)

    refused = stranger.call("GET", f"/tenants/{person.answer['tenant']['tenantId']}")

    assert (refused.status_code, error_of(refused)["code"]) == (404, "TENANT_NOT_FOUND")


def test_every_service_rejects_a_login_after_its_logout(http: httpx.Client, person: Person) -> None:
    """After a logout, every service rejects the next call of that login, and of no other."""
    other = log_in(http, person)
    assert [person.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3

    assert person.call("POST", "/auth/logout").json() == {"success": True, "data": {}}

    refused = [person.call("GET", path) for path in EVERY_SERVICE]
    assert [answer.status_code for answer in refused] == [401] * 3
    assert {error_of(answer)["code"] for answer in refused} == {"ACCESS_TOKEN_REVOKED"}
    assert [other.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3
    spent = http.post("/api/v5/auth/refresh", json={"refreshToken": person.tokens["refreshToken"]})
    assert (spent.status_code, error_of(spent)["code"]) == (401, "REFRESH_TOKEN_INVALID")


def test_logout_all_ends_every_login(http: httpx.Client, person: Person) -> None:
    """After logout-all, every service rejects all tokens of the user; a new login works."""
    other = log_in(http, person)

    assert other.call("POST", "/auth/logout-all", {}).status_code == 200

    for login in (person, other):
        assert [login.call("GET", path).status_code for path in EVERY_SERVICE] == [401] * 3
    again = log_in(http, person)
    assert [again.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3


def test_password_change_ends_the_other_logins(http: httpx.Client, person: Person) -> None:
    """A new password keeps the login that set it and ends the others."""
    other = log_in(http, person)
    new = "another fine long secret"

    body = {"currentPassword": PASSWORD, "newPassword": new}
    assert person.call("POST", "/auth/password", body).status_code == 200

    assert [person.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3
    assert [other.call("GET", path).status_code for path in EVERY_SERVICE] == [401] * 3
    old = http.post("/api/v5/auth/login", json={"email": person.email, "password": PASSWORD})
    assert (old.status_code, error_of(old)["code"]) == (401, "BAD_CREDENTIALS")
    fresh = http.post("/api/v5/auth/login", json={"email": person.email, "password": new})
    assert fresh.status_code == 200


def test_deleting_the_account(http: httpx.Client, person: Person) -> None:
    """A deleted account is rejected everywhere, and its address can register again."""
    person.call("POST", "/sessions", {})
    wrong = person.call("DELETE", "/auth/me", {"password": "not the right one"})
    assert (wrong.status_code, error_of(wrong)["code"]) == (403, "PASSWORD_WRONG")

    assert person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code == 200

    assert [person.call("GET", path).status_code for path in EVERY_SERVICE] == [401] * 3
    again = new_person(http, person.email)
    assert again.user_id != person.user_id
    assert again.call("GET", "/sessions").json()["data"]["sessions"] == []


def test_profile(person: Person) -> None:
    """The profile is read and changed field by field."""
    changed = person.call("PATCH", "/auth/me", {"company": "Analytical Engines"})

    assert changed.status_code == 200
    assert changed.json()["data"] == person.answer["user"] | {"company": "Analytical Engines"}
    assert person.call("GET", "/auth/me").json() == changed.json()


def test_logins_are_listed_and_ended(http: httpx.Client, person: Person) -> None:
    """A user sees its logins, and ends one of them from another."""
    other = log_in(http, person)
    logins = person.call("GET", "/auth/logins").json()["data"]["logins"]
    assert sorted(login["current"] for login in logins) == [False, True]
    assert all("httpx" in login["userAgent"] for login in logins)
    assert all(login["address"] == "127.0.0.1" for login in logins)
    (other_id,) = [login["loginId"] for login in logins if not login["current"]]

    assert person.call("DELETE", f"/auth/logins/{other_id}").status_code == 200

    assert other.call("GET", "/sessions").status_code == 401
    assert person.call("DELETE", f"/auth/logins/{other_id}").status_code == 404


def test_a_user_reads_what_happened_to_the_account(http: httpx.Client, person: Person) -> None:
    """The activity has every login and its end, newest first; another user sees only their own."""
    other = log_in(http, person)
    assert other.call("POST", "/auth/logout").status_code == 200

    first = person.call("GET", "/auth/me/activity?pageSize=2").json()["data"]
    rest = f"/auth/me/activity?pageToken={first['nextPageToken']}"
    events = first["events"] + person.call("GET", rest).json()["data"]["events"]

    assert [event["event"] for event in events] == [
        "login.ended", "login.started", "login.started", "account.created",
    ]  # fmt: skip
    assert events[0]["loginId"] == events[1]["loginId"] != events[2]["loginId"]
    assert all(event["address"] == "127.0.0.1" for event in events)
    assert all("httpx" in event["userAgent"] for event in events)
    assert {(event["outcome"], event["count"]) for event in events} == {("success", 1)}
    stranger = new_person(http)
    assert stranger.call("GET", rest).status_code == 400
    own = stranger.call("GET", "/auth/me/activity").json()["data"]["events"]
    assert not {one["loginId"] for one in own} & {one["loginId"] for one in events[:3]}
    assert http.get("/api/v5/auth/me/activity").status_code == 401


def test_refresh_rotates(http: httpx.Client, person: Person) -> None:
    """A refresh returns new tokens, an immediate repeat the same ones; a later reuse ends the login."""

    def refresh(token: str) -> httpx.Response:
        return http.post("/api/v5/auth/refresh", json={"refreshToken": token})

    first = person.tokens["refreshToken"]
    second = refresh(first).json()["data"]["tokens"]["refreshToken"]
    assert second != first
    assert refresh(first).json()["data"]["tokens"]["refreshToken"] == second
    third = refresh(second).json()["data"]["tokens"]
    assert third["refreshToken"] not in {first, second}

    assert refresh(first).status_code == 401

    assert refresh(third["refreshToken"]).status_code == 401
    assert person.call("GET", "/sessions").status_code == 401
