"""Challenges: what they are good for, and how often."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.storage import Write
from services.auth.challenges.challenges import LIFE, Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import Challenge, ChallengePurpose
from services.auth.challenges.repository import SPENT_CHALLENGE
from tests.services.auth.harness import OTHER_SEAL_KEY, AuthHarness
from tests.support.clock import START
from tests.support.store import rows_between

DEVICE = Device("agent", "192.0.2.1")


def challenges(harness: AuthHarness) -> Challenges:
    """The challenges of the harness."""
    return Challenges(harness.runtime)


async def spent(harness: AuthHarness, challenge: Challenge) -> None:
    """Uses a challenge in a transaction of its own."""

    async def spend(tx: Write) -> None:
        await challenges(harness).spend(tx, challenge)

    await harness.store.write(spend)


def test_a_challenge_says_what_it_is_for(harness: AuthHarness) -> None:
    """Its text comes back as the same values, with the device on another address, too."""
    new = challenges(harness).new(
        ChallengePurpose.SECOND_FACTOR,
        DEVICE,
        START,
        user_id=uuid4(),
        origin_id=uuid4(),
        password_revision=3,
        tenant_id=uuid4(),
    )
    moved = Device("agent", "198.51.100.7")
    read = challenges(harness).read(new.text, ChallengePurpose.SECOND_FACTOR, moved, START)
    assert read == new.challenge


@pytest.mark.parametrize(
    ("purpose", "agent", "seconds"),
    [
        (ChallengePurpose.PASSKEY_LOGIN, "agent", 0),
        (ChallengePurpose.SECOND_FACTOR, "other", 0),
        (ChallengePurpose.SECOND_FACTOR, "agent", LIFE.total_seconds()),
        (ChallengePurpose.SECOND_FACTOR, "agent", -10),
    ],
)
def test_a_challenge_for_something_else(
    harness: AuthHarness, purpose: ChallengePurpose, agent: str, seconds: float
) -> None:
    """Another purpose, program or time: it is not good."""
    new = challenges(harness).new(ChallengePurpose.SECOND_FACTOR, DEVICE, START)
    now = START + timedelta(seconds=seconds)
    with pytest.raises(ChallengeInvalid):
        challenges(harness).read(new.text, purpose, Device(agent, ""), now)


@pytest.mark.parametrize("text", ["", "x", "gAAAAA==", "\ud800", "ä" * 40, "A" * 100_000])
def test_what_is_no_challenge(harness: AuthHarness, text: str) -> None:
    """Any text gets the same answer."""
    with pytest.raises(ChallengeInvalid):
        challenges(harness).read(text, ChallengePurpose.SECOND_FACTOR, DEVICE, START)


def test_another_spelling(harness: AuthHarness) -> None:
    """A challenge has one: of two, one could be used after the other."""
    text = challenges(harness).new(ChallengePurpose.SECOND_FACTOR, DEVICE, START).text
    for other in (text.rstrip("="), text + "=", text + "\n", text[:-1] + "B"):
        if other != text:
            with pytest.raises(ChallengeInvalid):
                challenges(harness).read(other, ChallengePurpose.SECOND_FACTOR, DEVICE, START)


def test_a_challenge_of_another_deployment(harness: AuthHarness) -> None:
    """Other seal keys do not open it."""
    runtime = harness.runtime
    other = Runtime(runtime.store, runtime.clock, runtime.ids, Seal([OTHER_SEAL_KEY]))
    text = Challenges(other).new(ChallengePurpose.SECOND_FACTOR, DEVICE, START).text
    with pytest.raises(ChallengeInvalid):
        challenges(harness).read(text, ChallengePurpose.SECOND_FACTOR, DEVICE, START)


async def test_a_challenge_is_used_once(harness: AuthHarness) -> None:
    """Also of several uses at once."""
    challenge = challenges(harness).new(ChallengePurpose.SECOND_FACTOR, DEVICE, START).challenge
    uses = (spent(harness, challenge) for _ in range(8))
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    assert sum(isinstance(one, ChallengeInvalid) for one in outcomes) == 7
    assert len(await rows_between(harness.store, *SPENT_CHALLENGE.range())) == 1
