"""An import that is killed anywhere is resumed by running it again."""

import signal
import subprocess
import sys
import time

import pytest

from kernel.storage import Read
from services.auth.users.repository import USER
from services.tenants.memberships.repository import MEMBER, TENANT
from tests.ops.importing.harness import Stage, membership, organization, user
from tools.programs import ROOT

pytestmark = pytest.mark.drill

USERS = 1_500
_SECONDS = 60.0


def count(stage: Stage) -> tuple[int, int, int]:
    """The users, tenants and members in the store."""

    async def read(tx: Read) -> tuple[int, int, int]:
        users = await tx.get_range(*USER.range(), limit=10_000)
        tenants = await tx.get_range(*TENANT.range(), limit=10_000)
        members = await tx.get_range(*MEMBER.range(), limit=10_000)
        return len(users), len(tenants), len(members)

    return stage.read(read)


def test_a_killed_import_is_resumed(stage: Stage) -> None:
    """After each kill the store has no fault, and at the end it has all, each thing once."""
    lines = [user(number) for number in range(1, USERS + 1)]
    teams = [organization(externalId=f"{n}", slug=f"team-{n}") for n in range(20)]
    members = [membership(n + 2, organizationExternalId=f"{n % 20}") for n in range(400)]
    path = stage.file([*lines, *teams, *members])
    assert stage.bring(user(1)).code == 0
    argv = [sys.executable, "-m", "ops", "import", str(path), "--store", stage.url]
    for least in (200, 800):
        with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL) as running:
            end = time.monotonic() + _SECONDS
            while running.poll() is None and count(stage)[0] < least and time.monotonic() < end:
                time.sleep(0.005)
            running.send_signal(signal.SIGKILL)
        assert count(stage)[0] >= least
        stage.examine()
    done = stage.bring_file(path)
    assert (done.code, done.refused) == (0, {})
    assert count(stage) == (USERS, USERS + 20, USERS + 20 + 400)
    stage.examine()
