"""Tokens have one spelling, at the gateway as in the services behind it."""

import pytest

from tests.end_to_end.person import EVERY_SERVICE, Person, error_of


@pytest.mark.parametrize("behind", ["=", "==", "!!!!", ".", "A", "AAAA"])
def test_nothing_may_stand_behind_an_access_token(person: Person, behind: str) -> None:
    """A good token with anything behind is refused by every service."""
    good = person.tokens["accessToken"]
    for path in EVERY_SERVICE:
        headers = {"authorization": f"Bearer {good}{behind}"}
        answer = person.call("GET", path, headers=headers)
        assert (answer.status_code, error_of(answer)["code"]) == (401, "ACCESS_TOKEN_INVALID")
        assert person.call("GET", path).status_code == 200


@pytest.mark.parametrize("behind", ["=", "==", "\n", "\r\n", "!!!!", " "])
def test_nothing_may_stand_behind_a_refresh_token(person: Person, behind: str) -> None:
    """A good token with anything behind is refused, and is not spent."""
    good = person.tokens["refreshToken"]
    for text, status in ((good + behind, 401), (good, 200)):
        answer = person.http.post("/api/v5/auth/refresh", json={"refreshToken": text})
        assert answer.status_code == status, answer.text
