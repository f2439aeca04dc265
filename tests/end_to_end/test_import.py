"""Users of other systems: imported into a running system, logged in over HTTP, and rehashed."""

import asyncio
import json
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest

from kernel.emails import normalized_email
from kernel.storage import Read, open_store
from services.auth.users.repository import user_of_email
from tests.end_to_end.account import activity, logged_in, try_login
from tests.end_to_end.conftest import client, start
from tests.end_to_end.examination import examined
from tests.end_to_end.importing import bring, operate
from tests.end_to_end.person import PASSWORD, Person, error_of
from tests.end_to_end.second_factor import answer, challenge, data_of
from tests.services.auth.harness import PASSWORD as HASHED
from tests.services.auth.passwords.samples import FOREIGN
from tests.support.authenticator import Authenticator
from tests.support.imported_passkeys import base64url, passkey_line
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

SAMPLES = Path(__file__).parents[1] / "ops" / "converting" / "samples"
OURS = "$argon2id$v=19$m=64,t=1,p=1$"


def stored_hash(laptop: Laptop, email: str) -> str:
    """The password hash of a user in the store."""

    async def look() -> str:
        store = open_store(laptop.settings.store)
        try:
            return await store.read(read)
        finally:
            await store.close()

    async def read(tx: Read) -> str:
        found = await user_of_email(tx, normalized_email(email))
        assert found is not None
        return found.password_hash

    return asyncio.run(look())


def test_each_kind_of_hash_logs_in_once_and_is_replaced(
    laptop: Laptop, http: httpx.Client, tmp_path: Path
) -> None:
    """A wrong password is refused as ever; the right one logs in, and the hash is ours from then on."""
    emails = {sample.text: f"{uuid4()}@example.com" for sample in FOREIGN}
    lines = [
        {"kind": "user", "email": email, "passwordHash": text, "emailVerified": True}
        for text, email in emails.items()
    ]
    assert bring(laptop, tmp_path, lines) == []
    for sample in FOREIGN:
        email = emails[sample.text]
        before = stored_hash(laptop, email)
        assert not before.startswith(OURS), sample.name
        wrong = try_login(http, email, "another battery staple")
        assert (wrong.status_code, error_of(wrong)["code"]) == (401, "BAD_CREDENTIALS")
        assert stored_hash(laptop, email) == before
        person = logged_in(http, email, HASHED)
        assert stored_hash(laptop, email).startswith(OURS), sample.name
        logged_in(http, email, HASHED)
        assert activity(person)[0] == "account.imported"
        assert person.call("GET", "/tenants").status_code == 200


def test_a_user_without_a_hash_has_no_password(
    laptop: Laptop, http: httpx.Client, tmp_path: Path
) -> None:
    """No password logs in; the answer is that of a wrong one."""
    email = f"{uuid4()}@example.com"
    assert bring(laptop, tmp_path, [{"kind": "user", "email": email}]) == []
    for password in ("", "x", PASSWORD):
        assert try_login(http, email, password).status_code in {400, 401}


def test_an_organization_and_its_roles(laptop: Laptop, http: httpx.Client, tmp_path: Path) -> None:
    """Each member acts with the imported role, over HTTP."""
    name, sample = uuid4().hex[:12], FOREIGN[1]
    emails = {role: f"{role}-{name}@example.com" for role in ("owner", "admin", "member")}
    lines = [
        {"kind": "user", "email": email, "passwordHash": sample.text, "emailVerified": True}
        for email in emails.values()
    ]
    organization = {
        "kind": "organization",
        "externalId": name,
        "name": "Engines",
        "slug": f"engines-{name}",
        "ownerEmail": emails["owner"],
    }
    memberships = [
        {
            "kind": "membership",
            "organizationExternalId": name,
            "userEmail": email,
            "role": role,
        }
        for role, email in emails.items()
    ]
    assert bring(laptop, tmp_path, [*lines, organization, *memberships]) == []
    people = {role: logged_in(http, email, HASHED) for role, email in emails.items()}
    tenants = {role: _organization(person, f"engines-{name}") for role, person in people.items()}
    assert {role: tenant["role"] for role, tenant in tenants.items()} == {
        role: role for role in people
    }
    tenant_id = tenants["owner"]["tenantId"]
    path = f"/tenants/{tenant_id}"
    for role, person in people.items():
        data = data_of(try_login(http, emails[role], HASHED, tenantId=tenant_id))
        person.tokens = data["tokens"]
    listed = people["member"].call("GET", f"{path}/members")
    members = data_of(listed)["members"]
    assert {one["email"]: one["role"] for one in members} == {
        email: role for role, email in emails.items()
    }
    refused = people["member"].call("PATCH", path, {"name": "Other"})
    assert (refused.status_code, error_of(refused)["code"]) == (403, "ROLE_MISSING")
    entries = people["owner"].call("GET", f"{path}/audit").json()["data"]["entries"]
    assert [one["action"] for one in entries][:3] == [
        "tenant.imported",
        "member.imported",
        "member.imported",
    ]


def _organization(person: Person, slug: str) -> dict[str, str]:
    tenants = person.call("GET", "/tenants").json()["data"]["tenants"]
    return next(one for one in tenants if one["slug"] == slug)


def test_imported_factors_are_asked_for(laptop: Laptop, http: httpx.Client, tmp_path: Path) -> None:
    """An app of another system answers the challenge, and so does a passkey with that system's user id."""
    email, secret, key = f"{uuid4()}@example.com", pyotp.random_base32(), Authenticator()
    key.user_handle = b"user-of-another-system"
    passkey = passkey_line(key, userHandle=base64url(key.user_handle))
    line = {
        "kind": "user",
        "email": email,
        "passwordHash": FOREIGN[1].text,
        "emailVerified": True,
        "factors": [{"kind": "totp", "secret": secret}, passkey],
    }
    assert bring(laptop, tmp_path, [line]) == []
    asked = challenge(http, email, HASHED)
    assert set(asked["kinds"]) == {"totp", "passkey"}
    shown = pyotp.TOTP(secret).at(int(time.time()))
    data_of(answer(http, asked["token"], code=shown))
    options = http.post("/api/v5/auth/login/passkey/options", json={}).json()["data"]["options"]
    alone = http.post("/api/v5/auth/login/passkey", json={"credential": key.get(options)})
    assert data_of(alone)["user"]["email"] == email


def test_exports_of_four_systems(tmp_path: Path) -> None:
    """Convert, import, log in through the gateway: each user of the samples who has a password."""
    with start(tmp_path / "data", PASSKEY_RP_ID="localhost") as laptop:
        laptop.wait_until_ready()
        emails = []
        for sample in sorted(SAMPLES.iterdir()):
            output = tmp_path / f"{sample.stem}.ndjson"
            operate(laptop, "convert", sample.stem, str(sample), "--output", str(output))
            assert output.stat().st_mode & 0o777 == 0o600
            done = operate(laptop, "import", str(output))
            assert (done.returncode, done.stdout) == (0, ""), done.stdout
            lines = output.read_text(encoding="utf-8").splitlines()
            emails += [json.loads(line) for line in lines]
        assert len(emails) == 15
        with client(laptop) as http:
            for line in emails:
                if line.get("disabled"):
                    refused = try_login(http, line["email"], PASSWORD)
                    assert error_of(refused)["code"] == "ACCOUNT_DISABLED"
                    continue
                if line.get("factors"):
                    assert challenge(http, line["email"])["kinds"][0] == "totp"
                else:
                    logged_in(http, line["email"], PASSWORD)
                assert stored_hash(laptop, line["email"]).startswith(OURS)
        url = laptop.settings.store
    assert examined(url)


def test_what_is_exported_can_be_imported(laptop: Laptop, tmp_path: Path) -> None:
    """From a running system into an empty store, and from there the same lines again."""
    bring(laptop, tmp_path, [{"kind": "user", "email": f"{uuid4()}@example.com"}])
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    operate(laptop, "export", "--hashes", "--factors", "--output", str(first))
    other = f"lmdb://{tmp_path}/other"
    asyncio.run(open_store(other).close())
    assert operate(laptop, "import", str(first), "--store", other).returncode == 0
    options = ("--hashes", "--factors", "--store", other, "--output", str(second))
    operate(laptop, "export", *options)
    assert _by_key(first) == _by_key(second)
    assert examined(other)


def _by_key(path: Path) -> list[str]:
    """The lines of an export; the order of equal ids is the same in every store."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(UUID(json.loads(line).get("id", json.loads(line).get("userId"))) for line in lines)
    return lines
