"""A long mixed life at half load on FoundationDB, with servers killed, an upgrade and new keys in between."""

import os
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from cryptography.fernet import Fernet

from tests.faults.faults import RECOVERY_SECONDS, wait_until_whole
from tests.faults.journal import Call, Journal, Outcome
from tests.faults.load import PAUSE_SECONDS, VERBS, WRITES, Account, Load
from tests.faults.verification import Findings, verify
from tests.rolling import organizations
from tests.rolling.organizations import OrganizationClient
from tests.rolling.rollout import Rollout
from tests.soak.conftest import JOURNAL
from tests.soak.usage import Growth, Usage
from tests.support.cluster import PROCESSES, Cluster
from tests.support.rolling import THIS, Version
from tests.support.stopped import check_logs, check_store
from tools.settings import CONTEXTS

MINUTES = float(os.environ.get("SOAK_MINUTES", "40"))
ROUNDS = max(8, round(MINUTES / 3))
"""Each with one fault in its middle."""
CLIENTS = 4
SESSIONS = 8
"""Of each user. With fewer there were more users, and their verification would take as long as the load."""
_CALIBRATION_SECONDS = 15.0
_DEAD_SECONDS = 2.0
_GROWTH = 1.1
_SLOWER = 1.5
_SPARE_MEGABYTES = 8
_SPARE_FILES = 8

Fault = Callable[[], None]


@dataclass
class Soak:
    """The system under load, what happens to it, and what came of it.

    Attributes:
        rounds: The calls of each round.
        lines: What was done, a line for each round.
        findings: What is wrong with what the calls left behind.
    """

    rollout: Rollout
    cluster: Cluster
    before: Version
    rounds: list[Journal] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    _accounts: list[Account] = field(default_factory=list)
    _founders: list[OrganizationClient] = field(default_factory=list)
    _version: Version = field(init=False)

    def begin(self) -> None:
        """Starts two pods of each service and an edge, of the version before."""
        self._version = self.before
        pods = [f"{context}-{place}" for context in CONTEXTS for place in "ab"]
        self.rollout.start(self.before, "gateway-a", *pods)

    def half_load(self) -> float:
        """How many seconds clients must pause between calls, so that the system is busy half of the time."""
        with Load(self._url, journal := Journal(), CLIENTS, pause=0, sessions=SESSIONS) as load:
            time.sleep(_CALIBRATION_SECONDS)
        self._accounts += load.accounts
        busy = statistics.mean(call.seconds for call in journal.calls)
        return max(busy, PAUSE_SECONDS / 2)

    def round(self, name: str, fault: Fault, seconds: float, pause: float) -> None:
        """Runs the load for so long, and injects the fault after a third of that."""
        journal = Journal()
        founder = OrganizationClient(self._url, journal)
        began = time.monotonic()
        with Load(self._url, journal, CLIENTS, [founder], pause, SESSIONS) as load:
            time.sleep(seconds / 3)
            fault()
            journal.wait_for(VERBS, RECOVERY_SECONDS)
            time.sleep(max(0.0, began + seconds - time.monotonic()))
        self._accounts += load.accounts
        self._founders.append(founder)
        self.rounds.append(journal)
        self.lines.append(f"{len(self.rounds):3} {name}: {_line(journal)}")
        print(self.lines[-1], flush=True)  # noqa: T201 - a run of an hour says how it goes

    def verify(self) -> None:
        """Compares everything that the clients were told with what is there."""
        self.findings = verify(self._url, self._accounts)
        for founder in self._founders:
            self.findings.lost += organizations.verify(self._url, founder.organizations)

    # ── what happens ─────────────────────────────────────────────────────────────────────────

    def kill_server(self, number: int) -> Fault:
        """Kills a process of the cluster, which comes back after the others have gone on without it."""

        def fault() -> None:
            self.cluster.signal(number, signal.SIGKILL)
            time.sleep(_DEAD_SECONDS)
            self.cluster.start(number)
            wait_until_whole(self.cluster)

        return fault

    def kill_pod(self, name: str) -> Fault:
        """Kills the service of a pod; its other pod goes on."""
        return lambda: self.rollout.restart_after_kill(self._version, name, _DEAD_SECONDS)

    def upgrade(self) -> None:
        """Replaces every pod by one of this version."""
        self._version = THIS
        self.rollout.replace_each(THIS)

    def rotate_keys(self) -> None:
        """Gives every service a new key that opens, then lets it seal; and auth another algorithm."""
        new = Fernet.generate_key().decode()
        self.rollout.change_keys(lambda keys: f"{keys},{new}")
        self.rollout.replace_each(self._version)
        self.rollout.change_keys(lambda keys: ",".join([new, *keys.split(",")[:-1]]))
        self.rollout.configure(TOKEN_ALGORITHM="ES256")
        self.rollout.replace_each(self._version)

    @property
    def calls(self) -> Sequence[Call]:
        """The calls of all rounds."""
        return [call for journal in self.rounds for call in journal.calls]

    @property
    def late(self) -> float:
        """The longest time for which a token was still taken after its revocation was answered."""
        return max((seconds for founder in self._founders for seconds in founder.late), default=0.0)

    @property
    def _url(self) -> str:
        return self.rollout.url("gateway-a")


@pytest.mark.timeout(MINUTES * 60 * 2 + 1200)
def test_a_long_life(
    before: Version,
    rollout: Rollout,
    cluster: Cluster,
    record_property: Callable[[str, object], None],
) -> None:
    """Nothing is lost, callers get no other 5xx than 503 with Retry-After, and nothing grows or slows down."""
    soak = Soak(rollout, cluster, before)
    soak.begin()
    pause = soak.half_load()
    with Usage(rollout.pids) as usage:
        for name, fault in _plan(soak):
            soak.round(name, fault, MINUTES * 60 / ROUNDS, pause)
    soak.verify()
    grown = usage.growths()
    for line in _report(soak, pause, grown):
        record_property(JOURNAL, line)
    assert soak.findings == Findings()
    assert not [flaw for journal in soak.rounds for flaw in journal.flaws]
    assert {call.status for call in soak.calls if not 0 < call.status < 500} <= {503}
    assert [one for one in grown if _grows(one)] == []
    assert _reads(soak.rounds[-2:]) <= _SLOWER * _reads(soak.rounds[:2])
    rollout.kill()
    check_store(rollout.settings.store)
    check_logs(rollout.settings.data / "log")


def _plan(soak: Soak) -> list[tuple[str, Fault]]:
    """What happens in each round: an upgrade after a third, new keys after two, and deaths in between."""
    pods = cycle([f"{context}-{place}" for place in "ab" for context in CONTEXTS])
    servers = cycle(range(PROCESSES))
    plan: list[tuple[str, Fault]] = []
    for number in range(ROUNDS):
        if number == ROUNDS // 3:
            plan.append(("rolling upgrade", soak.upgrade))
        elif number == 2 * ROUNDS // 3:
            plan.append(("rotation of all keys", soak.rotate_keys))
        elif number in {0, ROUNDS - 1}:
            plan.append(("nothing", lambda: None))
        elif number % 2:
            server = next(servers)
            plan.append((f"fdbserver {server} killed", soak.kill_server(server)))
        else:
            pod = next(pods)
            plan.append((f"{pod} killed", soak.kill_pod(pod)))
    return plan


def _line(journal: Journal) -> str:
    writes = journal.count(Outcome.ACKNOWLEDGED, WRITES)
    reads = sorted(call.seconds for call in journal.calls if call.verb == "read")
    p50, p99 = (1000 * reads[int(share * len(reads))] for share in (0.5, 0.99))
    return (
        f"{len(journal.calls)} calls, {writes} writes acknowledged, longest {journal.longest:.1f} s, "
        f"session GET p50 {p50:.1f} ms, p99 {p99:.1f} ms ({journal.codes() or 'no trouble'})"
    )


def _report(soak: Soak, pause: float, grown: Sequence[Growth]) -> list[str]:
    findings, calls = soak.findings, soak.calls
    lines = [
        f"{MINUTES:g} minutes, {CLIENTS} clients that pause {1000 * pause:.0f} ms between calls",
        *soak.lines,
        (
            f"{len(calls)} calls, lost {len(findings.lost)}, doubled {len(findings.duplicated)}, "
            f"broken {len(findings.broken)}; a revoked token was taken for {soak.late:.2f} s at most"
        ),
        (
            f"session GET, median: {1000 * _reads(soak.rounds[:2]):.1f} ms at the beginning, "
            f"{1000 * _reads(soak.rounds[-2:]):.1f} ms at the end"
        ),
    ]
    for one in grown:
        memory = "{:.0f} -> {:.0f} MB".format(*one.megabytes)
        files = "{:.0f} -> {:.0f} files".format(*one.files)
        lines.append(f"{one.name}: {memory}, {files} in {one.seconds:.0f} s")
    return lines


def _grows(one: Growth) -> bool:
    (memory, memory_at_end), (files, files_at_end) = one.megabytes, one.files
    return (
        memory_at_end > _GROWTH * memory + _SPARE_MEGABYTES or files_at_end > files + _SPARE_FILES
    )


def _reads(rounds: Sequence[Journal]) -> float:
    """The median of the seconds of a session GET."""
    return statistics.median(
        call.seconds
        for journal in rounds
        for call in journal.calls
        if call.verb == "read" and call.acknowledged
    )
