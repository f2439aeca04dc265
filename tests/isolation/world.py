"""Ours and theirs side by side in one running system."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.isolation import ours as our_side
from tests.isolation import theirs as their_side
from tests.isolation.border import Border
from tests.isolation.neighbours import Neighbours, now
from tests.isolation.operations import Operation, fill
from tests.isolation.ours import Ours
from tests.isolation.rows import Outside
from tests.isolation.theirs import Theirs
from tools.laptop import Laptop

_SHAKEN = {"ACCESS_TOKEN_REVOKED", "REFRESH_TOKEN_INVALID"}
"""What a call gets, or leads to, after which somebody may have to log in again."""
_ANSWER_BYTES = 1_000_000


class World:
    """A system with both in it.

    Attributes:
        calls: How often each kind of call got each status.
    """

    def __init__(self, http: httpx.Client, outside: Outside, ours: Ours, theirs: Theirs) -> None:
        self.outside = outside
        self.ours = ours
        self.theirs = theirs
        self.border = Border(outside, theirs)
        self.calls: Counter[tuple[str, int]] = Counter()
        self._http = http

    def run(self, operation: Operation) -> httpx.Response:
        """Does it; `mend` is to follow."""
        person = self.ours.people.get(operation.who)
        known = {**self.theirs.known, **self.ours.knows(operation.who)}
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
        self.ours.remember(answer)
        return answer

    def mend(self, operation: Operation, answer: httpx.Response) -> None:
        """Puts right what a call may rightly have done to ours."""
        changed = operation.verb not in {"GET", "HEAD"} and answer.is_success
        changed = (
            changed and "/sessions" not in operation.kind
        )  # the IDE's: tenants has no rows of them
        if changed or any(code in answer.text for code in _SHAKEN):
            self.ours.mend()


def _bounded(answer: httpx.Response) -> httpx.Response:
    """The answer as far as any of ours can go: a download in a circle would never end."""
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
def open_world(laptop: Laptop, http: httpx.Client) -> Iterator[World]:
    """Has both settle in, and the neighbours' rows written, until nothing is under way any more."""
    ours = our_side.settle_in(http)
    theirs = their_side.settle_in(http)
    with Outside(laptop.settings.store) as outside:
        outside.write(Neighbours(theirs, ours.ids, now()).write)
        outside.settle()
        yield World(http, outside, ours, theirs)
