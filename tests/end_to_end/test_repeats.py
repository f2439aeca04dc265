"""A write repeated under one idempotency key happens once."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import httpx

from tests.end_to_end.person import Person, error_of, new_person, registration
from tools.laptop import Laptop


async def _at_once(
    laptop: Laptop, number: int, path: str, body: object, headers: dict[str, str]
) -> Sequence[httpx.Response]:
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(
        base_url=laptop.settings.url, timeout=60, limits=limits, trust_env=False
    ) as http:
        return await asyncio.gather(
            *(http.post(path, json=body, headers=headers) for _ in range(number))
        )


async def test_500_repeats_of_a_create(laptop: Laptop, person: Person) -> None:
    """500 concurrent repeats of one POST create one session and return one response."""
    headers = {
        "authorization": f"Bearer {person.tokens['accessToken']}",
        "idempotency-key": str(uuid4()),
    }

    answers = await _at_once(laptop, 500, "/api/v5/sessions", {"name": "once"}, headers)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(person.call("GET", "/sessions").json()["data"]["sessions"]) == 1


async def test_repeats_of_a_registration(laptop: Laptop) -> None:
    """Repeats of a registration create one user and return one response, tokens included."""
    headers = {"idempotency-key": str(uuid4())}
    body = registration(f"{uuid4()}@example.com")

    answers = await _at_once(laptop, 100, "/api/v5/auth/register", body, headers)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


def test_another_body_under_the_same_key(person: Person) -> None:
    """A key used before with another body is rejected with 422, and changes nothing."""
    headers = {"idempotency-key": str(uuid4())}
    person.call("POST", "/sessions", {"name": "one"}, headers=headers)

    refused = person.call("POST", "/sessions", {"name": "two"}, headers=headers)

    assert (refused.status_code, error_of(refused)["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    names = [s["name"] for s in person.call("GET", "/sessions").json()["data"]["sessions"]]
    assert names == ["one"]


def test_a_key_belongs_to_its_caller(http: httpx.Client, person: Person) -> None:
    """The same key from two users means two writes."""
    other = new_person(http)
    headers = {"idempotency-key": "the same"}

    ids = {
        user.call("POST", "/sessions", {}, headers=headers).json()["data"]["sessionId"]
        for user in (person, other)
    }

    assert len(ids) == 2
