"""Upgrading from the version before and back, under load, without a failed call."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from tests.faults.journal import Call, Journal
from tests.faults.load import VERBS, Load
from tests.faults.verification import Findings, verify
from tests.rolling import organizations
from tests.rolling.conftest import DRAIN_SECONDS, FIGURES
from tests.rolling.organizations import OrganizationClient
from tests.rolling.proofs import Proofs
from tests.rolling.rollout import Rollout
from tests.rolling.unknown_fields import UnknownFields
from tests.support.rolling import THIS, Version
from tests.support.stopped import check_logs, check_store
from tools.settings import CONTEXTS

pytestmark = pytest.mark.drill

CLIENTS = 2
TOGETHER_SECONDS = 0.5
"""How long both versions of a service run before one is asked to stop."""
ALL_VERBS = (*VERBS, *organizations.VERBS)
ALL_VERBS_SECONDS = 30.0


@dataclass
class Upgrade:
    """Replaces the version before with this one, and back.

    A version that cannot drain fails calls from the request to stop until the last Envoy has noticed.
    That is a known fault of that version, so those failures are counted separately; no other call
    may fail.
    """

    rollout: Rollout
    before: Version
    journal: Journal = field(default_factory=Journal)
    abrupt: list[tuple[float, float]] = field(default_factory=list)

    def begin(self) -> None:
        """Starts the version before, with one edge of each version."""
        self.rollout.start(self.before, "gateway-a", *(f"{context}-a" for context in CONTEXTS))
        self.rollout.start(THIS, "gateway-b")

    def go(self) -> None:
        """Replaces one service after the other; the old pods may take their time to stop."""
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
        """Replaces all services at once, as an operator in a hurry would."""
        self.rollout.start(self.before, *(f"{context}-a" for context in CONTEXTS))
        time.sleep(TOGETHER_SECONDS)
        self.rollout.stop(*(f"{context}-b" for context in CONTEXTS))
        self.rollout.wait_until_gone()

    @property
    def failed(self) -> list[Call]:
        """Calls with a broken connection or a 5xx that are not excused."""
        return [call for call in self._failed if not self._excused(call)]

    @property
    def excused(self) -> list[Call]:
        """Failed calls that a version which cannot drain explains."""
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
    """No call fails, no write is lost, a logout takes effect everywhere, and both read all rows.

    Some callers use an edge of the version before, others one of this version.
    """
    upgrade = Upgrade(rollout, before)
    upgrade.begin()
    journal = upgrade.journal
    founder = OrganizationClient(rollout.url("gateway-b"), journal)
    with (
        httpx.Client(base_url=rollout.url("gateway-b"), timeout=20, trust_env=False) as http,
        Load(rollout.url("gateway-a"), journal, CLIENTS, [founder]) as load,
    ):
        proofs = Proofs(http, rollout.settings.store, before)
        upgraded = time.monotonic()
        upgrade.go()
        journal.wait_for(ALL_VERBS, ALL_VERBS_SECONDS, since=upgraded)
        unknown_fields = UnknownFields(http, rollout.settings.store)
        proofs.set_up()
        reverted = time.monotonic()
        upgrade.go_back()
        unknown_fields.change()
        proofs.change()
        journal.wait_for(ALL_VERBS, ALL_VERBS_SECONDS, since=reverted)
    findings = verify(rollout.url("gateway-a"), load.accounts)
    findings.lost += organizations.verify(rollout.url("gateway-a"), founder.organizations)
    record_property(FIGURES, _figures(upgrade, founder, findings))
    assert not [(call.verb, call.status, call.code) for call in upgrade.failed]
    assert not journal.flaws, "\n".join(journal.flaws)
    assert findings == Findings()
    assert founder.organizations
    assert founder.late
    rollout.kill()
    unknown_fields.check()
    proofs.check()
    check_store(rollout.settings.store)
    check_logs(rollout.settings.data / "log")


def _figures(upgrade: Upgrade, founder: OrganizationClient, findings: Findings) -> str:
    journal = upgrade.journal
    return (
        f"{upgrade.before.name} -> this version -> {upgrade.before.name}: "
        f"{len(journal.calls)} calls, failed {len(upgrade.failed)}"
        f" (and {len(upgrade.excused)} by a version that cannot drain), "
        f"lost {len(findings.lost)}, doubled {len(findings.duplicated)}, "
        f"longest call {journal.longest:.1f} s; organizations {len(founder.organizations)}, "
        f"tokens accepted at most {max(founder.late, default=0):.2f} s after revocation; "
        f"stopping pods not called after {max(upgrade.rollout.removal_seconds):.1f} s of {DRAIN_SECONDS:g}"
    )
