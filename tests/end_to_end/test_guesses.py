"""Wrong passwords over HTTP: what stops them, and by what a device is known."""

from http.cookies import SimpleCookie

import httpx

from tests.end_to_end.person import PASSWORD, Person, error_of

COOKIE = "__Host-coditect_device"
WRONG = "not the right password"


def log_in(
    http: httpx.Client, person: Person, password: str = PASSWORD, **more: object
) -> httpx.Response:
    """Tries to log in; a keyword is a further field, `cookie` a cookie."""
    cookie = more.pop("cookie", None)
    headers = {} if cookie is None else {"cookie": f"theme=dark; {COOKIE}={cookie}"}
    body = {"email": person.email, "password": password, **more}
    return http.post("/api/v5/auth/login", json=body, headers=headers)


def test_the_device_cookie_is_for_this_host_and_no_script(
    http: httpx.Client, person: Person
) -> None:
    """A login sets the secret that its body names, with the attributes that protect it."""
    answer = log_in(http, person)
    (header,) = answer.headers.get_list("set-cookie")
    cookie = SimpleCookie(header)[COOKIE]
    assert cookie.value == answer.json()["data"]["deviceToken"]
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    assert int(cookie["max-age"]) == 400 * 86_400
    assert "set-cookie" not in person.call("GET", "/auth/me").headers
    assert "set-cookie" not in log_in(http, person, WRONG).headers


def test_a_known_device_logs_in_while_guesses_are_stopped(
    http: httpx.Client, person: Person
) -> None:
    """After ten wrong passwords the right one gets the answer of a wrong one, but from a known device."""
    token = person.answer["deviceToken"]
    answers = [log_in(http, person, WRONG) for _ in range(12)] + [log_in(http, person)]
    assert {(one.status_code, error_of(one)["code"]) for one in answers} == {
        (401, "BAD_CREDENTIALS")
    }
    assert log_in(http, person, deviceToken=token).status_code == 200
    assert log_in(http, person, cookie=token).status_code == 200
    assert log_in(http, person, cookie="A" * 64).status_code == 401
