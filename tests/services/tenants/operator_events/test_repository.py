"""How acts of operators are stored until auth has them."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.tenants.operator_events.model import OperatorEvent, TenantAct
from services.tenants.operator_events.repository import pack_event, parse_event
from tests.services.tenants.harness import DEVICE
from tests.support.clock import START

EVENT = OperatorEvent(
    event_id=UUID(int=1, version=4),
    time=START,
    operator_id=UUID(int=2, version=4),
    act=TenantAct.TENANT_HANDED_OVER,
    device=DEVICE,
    tenant_id=UUID(int=3, version=4),
    user_id=UUID(int=4, version=4),
    reason="The owner is gone",
)


def test_events_survive_a_round_trip() -> None:
    """A parsed event equals the packed one, also without a target."""
    for event in (EVENT, replace(EVENT, tenant_id=None, user_id=None, reason="")):
        assert parse_event(pack_event(event)) == event


def test_an_act_of_a_newer_version_waits_for_that_version() -> None:
    """It raises ValueError, so the outbox keeps the row."""
    newer = pack_event(EVENT).replace(b"tenant.handed_over", b"tenant.handed_back")
    with pytest.raises(ValueError, match="back"):
        parse_event(newer)
