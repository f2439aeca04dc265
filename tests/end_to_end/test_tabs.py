"""Two tabs of one browser share a login, and each acts in a tenant of its own."""

from typing import Any

import httpx
import pytest

from tests.end_to_end.person import PASSWORD, Person, error_of
from tests.end_to_end.team import found, switch


class Tab:
    """A tab: it knows its tenant, and shares the refresh token with the others."""

    def __init__(self, person: Person, tenant_id: str) -> None:
        self._shared = person
        self.tenant_id = tenant_id
        assert switch(person, tenant_id).status_code == 200
        self._own = Person(person.http, person.email, person.answer, dict(person.tokens))

    def refresh(self, token: str | None = None) -> dict[str, Any]:
        """Gets tokens for the tab's tenant, with a refresh token if not with the shared one."""
        body = {"refreshToken": token or self._shared.tokens["refreshToken"]}
        answer = refresh(self._shared, body | {"tenantId": self.tenant_id})
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        self._own.tokens = data["tokens"]
        self._shared.tokens = self._shared.tokens | {"refreshToken": data["tokens"]["refreshToken"]}
        return data

    def open_session(self) -> httpx.Response:
        """Opens a session in the tab's tenant."""
        return self._own.call("POST", "/sessions", {"tenantId": self.tenant_id})

    def use(self, tokens: dict[str, str]) -> None:
        """Takes tokens as they come, as a careless tab does."""
        self._own.tokens = tokens

    def listed(self) -> httpx.Response:
        """Lists the sessions in the tab's tenant."""
        return self._own.call("GET", "/sessions", params={"tenantId": self.tenant_id})


def refresh(person: Person, body: dict[str, str]) -> httpx.Response:
    """Sends a refresh."""
    return person.http.post("/api/v5/auth/refresh", json=body)


@pytest.fixture
def tabs(person: Person) -> tuple[Tab, Tab]:
    """Two tabs; the second one was the last to switch."""
    first, second = (Tab(person, found(person, name)) for name in ("One", "Two"))
    return first, second


def tenants(answer: httpx.Response) -> list[str]:
    """The tenants of the sessions in a list."""
    return [session["tenantId"] for session in answer.json()["data"]["sessions"]]


def test_each_tab_stays_in_its_tenant(tabs: tuple[Tab, Tab]) -> None:
    """After a switch in the second tab, the first one refreshes and works in its own tenant."""
    for _ in range(2):
        for tab in tabs:
            assert tab.refresh()["tenant"]["tenantId"] == tab.tenant_id
            session = tab.open_session()
            assert (session.status_code, session.json()["data"]["tenantId"]) == (201, tab.tenant_id)
    for tab in tabs:
        assert tenants(tab.listed()) == [tab.tenant_id] * 2


def test_a_tab_with_the_token_of_another_changes_nothing(
    person: Person, tabs: tuple[Tab, Tab]
) -> None:
    """A refresh without a tenant gives the first tab a token for the second's: 409, no session."""
    first, second = tabs
    body = {"refreshToken": person.tokens["refreshToken"]}
    careless = refresh(person, body).json()["data"]
    assert careless["tenant"]["tenantId"] == second.tenant_id
    first.use(careless["tokens"])
    for answer in (first.open_session(), first.listed()):
        assert (answer.status_code, error_of(answer)["code"]) == (409, "TENANT_NOT_ACTIVE")
    second.use(careless["tokens"])
    assert tenants(second.listed()) == []


def test_tabs_that_refresh_at_once_share_a_refresh_token(
    person: Person, tabs: tuple[Tab, Tab]
) -> None:
    """Both send the same token: each gets its own tenant, and both the same next token."""
    shared = person.tokens["refreshToken"]
    answers = [tab.refresh(shared) for tab in tabs]
    assert [answer["tenant"]["tenantId"] for answer in answers] == [tab.tenant_id for tab in tabs]
    assert len({answer["tokens"]["refreshToken"] for answer in answers}) == 1
    for tab in tabs:
        assert tab.open_session().json()["data"]["tenantId"] == tab.tenant_id


def test_a_refused_tenant_spends_no_refresh_token(person: Person, tabs: tuple[Tab, Tab]) -> None:
    """A login or refresh for a tenant of others is 404; the refresh token works afterwards."""
    stranger = "6af79b48-04a7-579a-9a14-b91092a3db3f"
    body = {"refreshToken": person.tokens["refreshToken"], "tenantId": stranger}
    login = {"email": person.email, "password": PASSWORD, "tenantId": stranger}
    for answer in (
        refresh(person, body),
        refresh(person, body),
        person.http.post("/api/v5/auth/login", json=login),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (404, "TENANT_NOT_FOUND")
    assert tabs[0].refresh()["tenant"]["tenantId"] == tabs[0].tenant_id
    login["tenantId"] = tabs[0].tenant_id
    answer = person.http.post("/api/v5/auth/login", json=login)
    assert answer.json()["data"]["tenant"]["tenantId"] == tabs[0].tenant_id
