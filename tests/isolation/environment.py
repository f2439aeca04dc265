"""The attacker and the victim in one running system."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.isolation import attacker as attacker_tenant
from tests.isolation import victim as victim_tenant
from tests.isolation.adjacent_ids import AdjacentIds, now
from tests.isolation.attacker import Attacker
from tests.isolation.leaks import LeakCheck
from tests.isolation.operations import Operation, fill
from tests.isolation.store import DirectStore
from tests.isolation.victim import Victim
from tools.laptop import Laptop

_LOGGED_OUT = {"ACCESS_TOKEN_REVOKED", "REFRESH_TOKEN_INVALID"}
"""Codes of responses after which a person may have to log in again."""
_ANSWER_BYTES = 1_000_000


class Environment:
    """A running system with both tenants.

    Attributes:
        calls: The number of calls by kind and status.
    """

    def __init__(
        self, http: httpx.Client, store: DirectStore, attacker: Attacker, victim: Victim
    ) -> None:
        self.store = store
        self.attacker = attacker
        self.victim = victim
        self.leak_check = LeakCheck(store, victim)
        self.calls: Counter[tuple[str, int]] = Counter()
        self._http = http

    def run(self, operation: Operation) -> httpx.Response:
        """Runs an operation as the attacker. Call `restore` afterwards."""
        person = self.attacker.people.get(operation.who)
        known = {**self.victim.known, **self.attacker.knows(operation.who)}
        token = (
            {} if person is None else {"authorization": f"Bearer {person.tokens['accessToken']}"}
        )
        request = self._http.build_request(
            operation.verb,
            fill(operation.path, known),
            params=fill(operation.query, known),
            headers=token | fill(operation.headers, known),
            json=fill(operation.body, known),
        )
        answer = _bounded(self._http.send(request, stream=True))
        self.calls[operation.kind, answer.status_code] += 1
        self.attacker.remember(answer)
        return answer

    def restore(self, operation: Operation, answer: httpx.Response) -> None:
        """Restores the attacker's rights if the call may have changed them."""
        changed = operation.verb not in {"GET", "HEAD"} and answer.is_success
        changed = changed and "/sessions" not in operation.kind  # editor sessions change no right
        if changed or any(code in answer.text for code in _LOGGED_OUT):
            self.attacker.restore()


def _bounded(answer: httpx.Response) -> httpx.Response:
    """The response, cut at a size that no legitimate one reaches: an endless download must not hang."""
    content = b""
    try:
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > _ANSWER_BYTES:
                break
    finally:
        answer.close()
    return httpx.Response(answer.status_code, headers=answer.headers, content=content)


@contextmanager
def open_environment(laptop: Laptop, http: httpx.Client) -> Iterator[Environment]:
    """Sets up attacker, victim and adjacent rows, and waits until all outboxes are empty."""
    attacker = attacker_tenant.set_up(http)
    victim = victim_tenant.set_up(http)
    with DirectStore(laptop.settings.store) as store:
        store.write(AdjacentIds(victim, attacker.ids, now()).write)
        store.settle()
        yield Environment(http, store, attacker, victim)
