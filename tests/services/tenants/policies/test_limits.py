"""The values that a policy can have, and what their check costs."""

import asyncio
import time

import pytest

from kernel.emails import ascii_domain, email_domain
from kernel.errors import InvalidRequest
from kernel.fields import Fields
from services.tenants.policies.limits import (
    check_at_once,
    checked,
    checked_with_pauses,
    is_costly,
)
from services.tenants.policies.model import PolicyUpdate
from tests.services.tenants.policies.domains import COSTLY

BAD = COSTLY[0] + ".x" * 50  # too long


def reasons(fields: Fields) -> list[tuple[str, str]]:
    """What was noted."""
    try:
        fields.check()
    except InvalidRequest as error:
        return [(bad.field, bad.reason) for bad in error.violations]
    return []


def test_the_costly_domains_are_valid() -> None:
    """Each is one that addresses can have."""
    assert len(set(COSTLY)) == 100
    for domain in COSTLY:
        assert email_domain(domain) == domain
    assert ascii_domain(BAD) is None
    assert is_costly(PolicyUpdate(email_domains=COSTLY))
    assert not is_costly(PolicyUpdate(email_domains=COSTLY[:2]))
    assert not is_costly(PolicyUpdate(email_domains=("x" * 63 + ".example",) * 100))
    assert not is_costly(PolicyUpdate(email_domains=("ü" * 1_000,) * 100))
    assert not is_costly(PolicyUpdate(email_domains=()))
    assert not is_costly(PolicyUpdate())


@pytest.mark.parametrize(
    "text", ["", "中" * 252, "中." * 126, BAD], ids=lambda text: ascii(text)[:20]
)
async def test_the_first_bad_domain_ends_the_check(text: str) -> None:
    """The domains after it would not change the answer, and are not converted."""
    changes = PolicyUpdate(email_domains=(text, *COSTLY[1:]))
    started = time.thread_time()
    fields, paused = Fields(), Fields()
    checked(fields, changes)
    await checked_with_pauses(paused, changes)
    spent = time.thread_time() - started
    assert reasons(fields) == reasons(paused) == [("emailDomains", "NOT_A_DOMAIN")]
    assert spent < 0.1


def test_what_is_checked_at_once_costs_little() -> None:
    """All numbers, all plain domains and a few costly ones; the others are left for later."""
    started = time.thread_time()
    fields = Fields()
    check_at_once(fields, PolicyUpdate(email_domains=COSTLY))
    assert reasons(fields) == []
    for texts, reason in (
        (("bücher.example", "a b"), "NOT_A_DOMAIN"),
        (("bücher.example",) * 10 + ("ü_.example",), "NOT_A_DOMAIN"),
        ((*COSTLY[:99], "a b"), "NOT_A_DOMAIN"),
        ((*COSTLY[:99], "中" * 1_000), "NOT_A_DOMAIN"),
        (COSTLY * 2, "TOO_MANY"),
    ):
        fields = Fields()
        check_at_once(fields, PolicyUpdate(email_domains=texts, max_token_days=-1))
        assert reasons(fields) == [("maxTokenDays", "OUT_OF_RANGE"), ("emailDomains", reason)]
    assert time.thread_time() - started < 0.3


async def test_other_calls_go_on_during_the_check() -> None:
    """The longest list is converted domain by domain, to what it is converted to at once."""
    changes = PolicyUpdate(email_domains=COSTLY[::-1])
    gaps, done = [], asyncio.Event()

    async def other() -> None:
        while not done.is_set():
            started = time.thread_time()
            await asyncio.sleep(0)
            gaps.append(time.thread_time() - started)

    task = asyncio.create_task(other())
    fields = Fields()
    assert await checked_with_pauses(fields, changes) == checked(fields, changes)
    done.set()
    await task
    assert reasons(fields) == []
    assert len(gaps) >= 100
    assert sorted(gaps)[-2] < 0.05  # the last one was the check at once


@pytest.mark.parametrize(
    "changes",
    [
        PolicyUpdate(),
        PolicyUpdate(email_domains=()),
        PolicyUpdate(email_domains=("B.example", "bücher.example", "b.example"), max_token_days=7),
        PolicyUpdate(email_domains=("b.example",) * 101, login_idle_seconds=1),
        PolicyUpdate(login_life_seconds=1, max_token_days=-1),
    ],
)
async def test_pauses_change_no_answer(changes: PolicyUpdate) -> None:
    """Values and faults are the same."""
    fields, paused, early = Fields(), Fields(), Fields()
    value = checked(fields, changes)
    assert await checked_with_pauses(paused, changes) == value
    check_at_once(early, changes)
    assert reasons(fields) == reasons(paused) == reasons(early)
