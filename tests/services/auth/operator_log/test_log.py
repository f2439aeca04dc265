"""The operator log: in the order of the commits, kept for a time, each event of others once."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from coditect.auth.v5 import operator_log_pb2
from coditect.field.v1.field_pb2 import rules
from kernel.errors import PageTokenInvalid
from kernel.identity.devices import Device
from kernel.storage import Write
from services.auth.operator_log import repository
from services.auth.operator_log.log import MEMORY, OperatorLog
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operator_log.repository import OPERATOR_EVENTS, OPERATOR_LOG
from services.tenants.operator_events.model import TenantAct
from tests.services.auth.harness import AuthHarness
from tests.support.clock import START
from tests.support.store import rows_between

OPERATOR, USER, TENANT = (UUID(int=number, version=4) for number in (1, 2, 3))
ACT = OperatorAct(START, OPERATOR, Act.USER_VIEWED, Device("curl", "192.0.2.1"), USER)


async def put(harness: AuthHarness, *acts: OperatorAct) -> None:
    """Appends acts, each in a transaction of its own."""
    for act in acts:

        async def append(tx: Write, act: OperatorAct = act) -> None:
            repository.append(tx, act)

        await harness.store.write(append)


async def test_acts_are_listed_newest_first(harness: AuthHarness) -> None:
    """In pages; a page token is good for the same filter alone."""
    log = OperatorLog(harness.runtime)
    acts = [
        replace(ACT, reason=str(number), act=Act.USER_DISABLED, tenant_id=TENANT)
        for number in range(5)
    ]
    await put(harness, *acts)
    first = await log.list(3, "")
    second = await log.list(3, first.next_page_token)
    assert [*first.items, *second.items] == acts[::-1]
    assert second.next_page_token == ""
    with pytest.raises(PageTokenInvalid):
        await log.list(3, first.next_page_token, user_id=USER)


async def test_acts_on_a_user_or_a_tenant(harness: AuthHarness) -> None:
    """Those on others, and those that only look at lists, are left out."""
    log = OperatorLog(harness.runtime)
    on_tenant = replace(ACT, act=Act.TENANT_SUSPENDED, user_id=None, tenant_id=TENANT)
    listed = replace(ACT, act=Act.USERS_LISTED, user_id=None)
    await put(harness, ACT, on_tenant, listed)
    assert (await log.list(10, "", user_id=USER)).items == [ACT]
    assert (await log.list(10, "", tenant_id=TENANT)).items == [on_tenant]
    assert (await log.list(10, "", user_id=USER, tenant_id=TENANT)).items == []


async def test_an_event_of_another_service_is_added_once(harness: AuthHarness) -> None:
    """A repeat is known for thirty days, however often it comes."""
    log, event_id = OperatorLog(harness.runtime), uuid4()
    for _ in range(3):
        await log.receive(event_id, ACT)
    await log.receive(uuid4(), ACT)
    assert (await log.list(10, "")).items == [ACT, ACT]
    event = await harness.store.read(lambda tx: OPERATOR_EVENTS.get(tx, event_id))
    assert event is not None
    assert event.expire_time == START + MEMORY


async def test_old_acts_are_removed(harness: AuthHarness) -> None:
    """From the front of the log: an old one behind a newer one waits for that."""
    times = [START - timedelta(days=days) for days in (9, 8, 1, 7)]
    await put(harness, *(replace(ACT, time=time) for time in times))

    async def clear(tx: Write) -> int:
        return await repository.clear_old_acts(tx, START - timedelta(days=5), 100)

    assert await harness.store.write(clear) == 2
    assert await harness.store.write(clear) == 0
    assert len(await rows_between(harness.store, *OPERATOR_LOG.range())) == 2


async def test_an_act_of_a_later_version_is_left_out(harness: AuthHarness) -> None:
    """A replica of an older version shows what it knows."""
    await put(harness, ACT, replace(ACT, act=Act.USER_HELD))

    async def rename(tx: Write) -> None:
        (key, value), _ = await tx.get_range(*OPERATOR_LOG.range(), limit=2)
        tx.set(key, value.replace(b"user.viewed", b"user.teased"))

    await harness.store.write(rename)
    found = (await OperatorLog(harness.runtime).list(10, "")).items
    assert [act.act for act in found] == [Act.USER_HELD]


def test_the_contract_lists_every_act() -> None:
    """Those of tenants, too."""
    options = operator_log_pb2.OperatorAct.DESCRIPTOR.fields_by_name["act"].GetOptions()
    listed = set(getattr(options.Extensions[rules], "in"))
    assert {str(act) for act in Act} == listed
    assert {str(act) for act in TenantAct} <= listed
