"""The version before and this one share a store and a contract, and nobody notices the change."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from tests.faults.aftermath import Findings, inspect
from tests.faults.journal import Call, Journal
from tests.faults.people import VERBS, Load
from tests.rolling import companies
from tests.rolling.companies import Founder
from tests.rolling.conftest import DRAIN_SECONDS, FIGURES
from tests.rolling.later import Later
from tests.rolling.rollout import Rollout
from tests.support.rolling import THIS, Version
from tests.support.stopped import check_logs, check_store
from tools.settings import CONTEXTS

CLIENTS = 2
TOGETHER_SECONDS = 0.5
"""How long both versions of a service are there before the one is told to stop."""
EVERYTHING = (*VERBS, *companies.VERBS)
EVERYTHING_SECONDS = 30.0


@dataclass
class Upgrade:
    """Goes from the one version to the other, and back.

    A version that cannot drain takes calls with it from when it is told to stop until the last
    Envoy has noticed. That is its fault and known, so what fails then is counted apart; nothing
    else may fail.
    """

    rollout: Rollout
    before: Version
    journal: Journal = field(default_factory=Journal)
    abrupt: list[tuple[float, float]] = field(default_factory=list)

    def begin(self) -> None:
        """The version before, alone; but for an edge of this version beside its own."""
        self.rollout.start(self.before, "gateway-a", *(f"{context}-a" for context in CONTEXTS))
        self.rollout.start(THIS, "gateway-b")

    def go(self) -> None:
        """Replaces one service after the other; what is told to stop may take its time."""
        drains = self.before.drains()
        for context in CONTEXTS:
            self.rollout.start(THIS, f"{context}-b")
            time.sleep(TOGETHER_SECONDS)
            began = time.monotonic()
            self.rollout.stop(f"{context}-a")
            if not drains:
                self.abrupt.append((began, time.monotonic()))
        self.rollout.wait_until_gone()

    def go_back(self) -> None:
        """Replaces all services at once, as whoever is in a hurry."""
        self.rollout.start(self.before, *(f"{context}-a" for context in CONTEXTS))
        time.sleep(TOGETHER_SECONDS)
        self.rollout.stop(*(f"{context}-b" for context in CONTEXTS))
        self.rollout.wait_until_gone()

    @property
    def failed(self) -> list[Call]:
        """Calls with a broken connection or a 5xx, for which there is no excuse."""
        return [call for call in self._failed if not self._excused(call)]

    @property
    def excused(self) -> list[Call]:
        """Those that a version which cannot drain has taken with it."""
        return [call for call in self._failed if self._excused(call)]

    @property
    def _failed(self) -> list[Call]:
        return [call for call in self.journal.calls if not call.status or call.status >= 500]

    def _excused(self, call: Call) -> bool:
        return any(
            call.began < end and call.began + call.seconds > began for began, end in self.abrupt
        )


@pytest.mark.timeout(600)  # the first run may have to install what the version before requires
def test_an_upgrade_and_the_way_back(
    before: Version, rollout: Rollout, record_property: Callable[[str, object], None]
) -> None:
    """No call fails, no write is lost, a logout takes effect everywhere, and rows of both are read.

    Some callers come by an edge of the version before, and others by one of this version.
    """
    upgrade = Upgrade(rollout, before)
    upgrade.begin()
    journal, founder = upgrade.journal, Founder(rollout.url("gateway-b"), upgrade.journal)
    with (
        httpx.Client(base_url=rollout.url("gateway-b"), timeout=20, trust_env=False) as http,
        Load(rollout.url("gateway-a"), journal, CLIENTS, [founder]) as load,
    ):
        there = time.monotonic()
        upgrade.go()
        journal.wait_for(EVERYTHING, EVERYTHING_SECONDS, since=there)
        later = Later(http, rollout.settings.store)
        back = time.monotonic()
        upgrade.go_back()
        later.change()
        journal.wait_for(EVERYTHING, EVERYTHING_SECONDS, since=back)
    findings = inspect(rollout.url("gateway-a"), load.people)
    findings.lost += companies.inspect(rollout.url("gateway-a"), founder.companies)
    record_property(FIGURES, _figures(upgrade, founder, findings))
    assert not [(call.verb, call.status, call.code) for call in upgrade.failed]
    assert not journal.flaws, "\n".join(journal.flaws)
    assert findings == Findings()
    assert founder.companies
    assert founder.late
    rollout.kill()
    later.check()
    check_store(rollout.settings.store)
    check_logs(rollout.settings.data / "log")


def _figures(upgrade: Upgrade, founder: Founder, findings: Findings) -> str:
    journal = upgrade.journal
    return (
        f"{upgrade.before.name} -> this version -> {upgrade.before.name}: "
        f"{len(journal.calls)} calls, failed {len(upgrade.failed)}"
        f" (and {len(upgrade.excused)} by a version that cannot drain), "
        f"lost {len(findings.lost)}, doubled {len(findings.doubled)}, "
        f"longest call {journal.longest:.1f} s; organizations {len(founder.companies)}, "
        f"tokens taken at most {max(founder.late, default=0):.2f} s after their end; "
        f"left alone after {max(upgrade.rollout.noticed):.1f} s of {DRAIN_SECONDS:g}"
    )
