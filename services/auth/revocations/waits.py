"""Counts whether logouts and other revocations were in force everywhere when they were answered."""

from prometheus_client import Counter

from kernel.telemetry import Telemetry


class RevocationWaits:
    """`coditect_revocation_waits_total{outcome}`."""

    def __init__(self, telemetry: Telemetry) -> None:
        waits = Counter(
            "coditect_revocation_waits",
            "Waits until every service enforces a revocation: enforced, or late, which is answered"
            " after SETTLE_SECONDS and enforced by each service that is not stale soon after.",
            ("outcome",),
            registry=telemetry.registry,
        )
        self._enforced, self._late = waits.labels("enforced"), waits.labels("late")

    def count(self, enforced: bool) -> None:
        """Counts the end of a wait."""
        (self._enforced if enforced else self._late).inc()
