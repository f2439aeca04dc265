"""One gateway with the trial contract per test process, with fresh answers for each test."""

from collections.abc import Iterator

import pytest

from coditect.auth.v5 import keys_pb2
from tests.gateway.environment import Environment, open_environment
from tests.gateway.trial.contract import TrialService, trial_contract

_Both = tuple[Environment, TrialService]


@pytest.fixture(scope="session")
def shared_trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Both]:
    """A shared gateway; tests must not break it."""
    folder = tmp_path_factory.mktemp("trial")
    served = trial_contract(folder)
    service = TrialService(served)
    with open_environment(folder, served=served, extra=[service.handler]) as made:
        yield made, service


@pytest.fixture
def trial_gateway(shared_trial: _Both) -> Environment:
    """The shared gateway."""
    made, _ = shared_trial
    made.backend.answers.clear()
    made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk])
    return made


@pytest.fixture
def trial(shared_trial: _Both, trial_gateway: Environment) -> TrialService:
    """Its service, with answers reset."""
    del trial_gateway
    _, service = shared_trial
    for kept in (service.answers, service.metadata, service.requests, service.received):
        kept.clear()
    return service
