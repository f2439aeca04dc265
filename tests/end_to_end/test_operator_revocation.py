"""`python -m ops operators revoke` on a running system with two replicas of auth."""

import time
from collections.abc import Iterator

import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.operators import new_operator, ops
from tests.end_to_end.promptness import LONG
from tests.end_to_end.replicas import TwoReplicas
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

LOG = "/operator/log"
IN_A_ROW = 20
"""Connections are spread over the replicas, so that many answers come from both."""
PATIENCE_SECONDS = 30.0
PROMISE_SECONDS = 1.0
"""How long after the command a token is good at most; measured only where nothing else runs."""


@pytest.fixture
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system with two replicas of auth."""
    with start(tmp_path_factory.mktemp("replicas") / "data", TwoReplicas()) as running:
        running.wait_until_ready()
        yield running


def test_both_replicas_refuse_a_revoked_operator(replicas: Laptop) -> None:
    """The command works while they run; it ends the login of the operator in both."""
    with client(replicas) as http:
        operator, _ = new_operator(replicas, http)
        refused = ops(replicas, "operators", "revoke", operator.email)
        assert (refused.returncode, "is the last operator" in refused.stderr) == (1, True)
        assert operator.call("GET", LOG).status_code == 200
        done = ops(replicas, "operators", "revoke", operator.email, "--last")
        assert done.returncode == 0, done.stderr
        began = time.monotonic()
        while {operator.call("GET", LOG).status_code for _ in range(IN_A_ROW)} != {401}:
            assert time.monotonic() < began + PATIENCE_SECONDS
        took = time.monotonic() - began
        assert not LONG or took < PROMISE_SECONDS
        assert ops(replicas, "operators", "list").stdout == ""
