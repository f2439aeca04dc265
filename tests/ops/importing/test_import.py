"""What an import writes, refuses and leaves as it is."""

import json
from typing import Any
from uuid import uuid4

import pyotp
import pytest

from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Read, Write
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email
from services.tenants.memberships.repository import membership as membership_of
from tests.ops.importing.harness import HASH, Stage, membership, organization, user
from tests.services.auth.harness import user as user_value
from tests.support.authenticator import Authenticator
from tests.support.imported_passkeys import passkey_line

ID, OTHER_ID = str(uuid4()), str(uuid4())
SECRET = pyotp.random_base32()


def found(stage: Stage, number: int = 1) -> User:
    """A user in the store."""

    async def read(tx: Read) -> User:
        user = await user_of_email(tx, f"user-{number}@example.com")
        assert user is not None
        return user

    return stage.read(read)


def put(stage: Stage, stranger: User) -> None:
    """Stores a user whom no import has made."""

    async def write(tx: Write) -> None:
        await USERS.put(tx, stranger)

    stage.use(lambda store: store.write(write))


def test_a_user_with_everything(stage: Stage) -> None:
    """All that the line says is stored, with a self-tenant, and the doctor finds nothing wrong."""
    line = user(
        id=ID,
        firstName=" Ada ",
        lastName="Lovelace",
        company="Engines",
        language="de",
        emailVerifyTime="2024-01-16T10:30:00+01:00",
        createTime="2024-01-15T09:30:00.123456Z",
        factors=[{"kind": "totp", "secret": SECRET.lower(), "name": "Phone"}],
    )
    done = stage.bring(line)
    assert (done.code, done.refused) == (0, {})
    stored = found(stage)
    assert (str(stored.user_id), stored.password_hash, stored.second_factor) == (ID, HASH, True)
    assert (stored.first_name, stored.last_name, stored.company) == ("Ada", "Lovelace", "Engines")
    assert (stored.language, stored.create_time.isoformat()) == (
        "de",
        "2024-01-15T09:30:00.123000+00:00",
    )
    assert stored.email_verify_time is not None
    assert stored.email_verify_time.isoformat() == "2024-01-16T09:30:00+00:00"
    own = self_tenant_id(stored.user_id)
    self_tenant = stage.read(lambda tx: membership_of(tx, own, stored.user_id))
    assert self_tenant is not None
    assert self_tenant.member.role is Role.OWNER
    stage.examine()


def test_the_same_file_twice_changes_nothing(stage: Stage) -> None:
    """Every row is the same, also where the file gives no ids, and a line says that it is present."""
    lines = [user(1), user(2, id=ID), user(3, emailVerified=True), organization(), membership()]
    assert stage.bring(*lines).code == 0
    before = stage.rows()
    done = stage.bring(*lines)
    assert (done.code, done.refused) == (0, {})
    assert "user: 0 created, 3 present" in done.output
    assert "organization: 0 created, 1 present" in done.output
    assert "membership: 0 created, 1 present" in done.output
    assert stage.rows() == before


def test_a_dry_run_checks_all_and_writes_nothing(stage: Stage) -> None:
    """It reports what the import itself reports, also what one line of the file does to another."""
    stage.bring(user(9))
    before = stage.rows()
    lines = [
        user(1),
        user(2),
        user(1),
        user(9, id=ID),
        organization(),
        organization(slug="other", externalId="other", ownerEmail="user-8@example.com"),
        organization(externalId="third"),
        membership(),
        membership(3),
        membership(organizationExternalId="other"),
    ]
    dry = stage.bring(*lines, dry=True)
    assert stage.rows() == before
    done = stage.bring(*lines)
    assert dry.code == done.code == 1
    assert dry.refused == done.refused
    assert done.refused == {
        3: ("", "DUPLICATE"),
        4: ("email", "EMAIL_TAKEN"),
        6: ("ownerEmail", "NOT_FOUND"),
        7: ("", "DUPLICATE"),
        9: ("userEmail", "NOT_FOUND"),
        10: ("organizationExternalId", "NOT_FOUND"),
    }
    stage.examine()


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"\n{}\n", "", "UNKNOWN_KIND"),
        (b"nonsense\n", "", "NOT_JSON"),
        (b"[]\n", "", "INVALID"),
        (b'{"kind":"user"', "", "NOT_JSON"),
        (b'{"kind":"user","email":"\xff@example.com"}\n', "", "NOT_JSON"),
        (b'{"kind":"user","email":"\\ud800@example.com"}\n', "", "NOT_JSON"),
        (b"[" * 50_000 + b"\n", "", "NOT_JSON"),
        (b'{"kind":"user","email":"' + b"a" * 70_000 + b'"}\n', "", "LINE_TOO_LONG"),
        ({"kind": "login"}, "", "UNKNOWN_KIND"),
        ({"kind": "user"}, "email", "REQUIRED"),
        (user(shoeSize=43), "shoeSize", "UNKNOWN_FIELD"),
        (user(email="nobody"), "email", "NOT_AN_EMAIL"),
        (user(email=7), "email", "INVALID"),
        (user(id="x"), "id", "INVALID"),
        (user(language="tlh"), "language", "UNKNOWN"),
        (user(firstName="a" * 101), "firstName", "TOO_LONG"),
        (user(company="a\x00b"), "company", "UNPRINTABLE"),
        (user(createTime="2999-01-01T00:00:00Z"), "createTime", "OUT_OF_RANGE"),
        (user(createTime="0001-01-01T00:00:00+14:00"), "createTime", "OUT_OF_RANGE"),
        (user(createTime="2024-01-15T09:30:00"), "createTime", "INVALID"),
        (user(emailVerified="yes"), "emailVerified", "INVALID"),
        (user(passwordHash="secret"), "passwordHash", "UNKNOWN_HASH"),
        (user(passwordHash=HASH.replace("$04$", "$31$")), "passwordHash", "HASH_TOO_COSTLY"),
        (user(passwordHash="x" * 2_000), "passwordHash", "TOO_LONG"),
        (user(factors=[{"kind": "sms"}]), "factors.0", "UNKNOWN_KIND"),
        (user(factors=[{"kind": "totp", "secret": "1"}]), "factors[0].secret", "NOT_A_SECRET"),
        (
            user(factors=[{"kind": "totp", "secret": SECRET, "digits": 8}]),
            "factors.0.totp.digits",
            "NOT_SUPPORTED",
        ),
        (
            user(factors=[{"kind": "totp", "secret": SECRET, "algorithm": "SHA256"}]),
            "factors.0.totp.algorithm",
            "NOT_SUPPORTED",
        ),
        (user(factors=[{"kind": "totp", "secret": SECRET}] * 11), "factors", "TOO_MANY"),
        (
            user(factors=[{"kind": "recoveryCodes", "hashes": ["0" * 64]}]),
            "factors[0]",
            "ID_REQUIRED",
        ),
        (
            user(id=ID, factors=[{"kind": "recoveryCodes", "hashes": ["0" * 64]}]),
            "factors",
            "NO_AUTHENTICATOR",
        ),
        (organization(slug="A"), "slug", "NOT_A_SLUG"),
        (organization(slug="personal-1"), "slug", "RESERVED"),
        (organization(name=" "), "name", "REQUIRED"),
        (organization(ownerId=ID, ownerEmail="a@example.com"), "ownerId", "REQUIRED"),
        (organization(policy={"emailDomains": ["-"]}), "emailDomains", "NOT_A_DOMAIN"),
        (organization(policy={"loginIdleSeconds": 1}), "loginIdleSeconds", "OUT_OF_RANGE"),
        (membership(role="king"), "role", "NOT_SUPPORTED"),
        (membership(organizationId=ID, organizationSlug="acme"), "organizationId", "REQUIRED"),
        (membership(organizationId=ID, userId=OTHER_ID), "userId", "NOT_FOUND"),
    ],
    ids=lambda given: ascii(given)[:40],
)
def test_refused_lines(stage: Stage, line: Any, field: str, reason: str) -> None:
    """Each names its number, a field and a reason; the lines around it are taken."""
    number = 3 if isinstance(line, bytes) and line.startswith(b"\n") else 2
    end = b"" if isinstance(line, dict) or line.endswith(b"\n") else b"\n"
    done = stage.bring(user(101), line, end, user(102))
    assert done.code == 1
    assert done.refused == {number: (field, reason)}
    assert "user: 2 created" in done.output


def test_a_report_holds_nothing_of_the_lines(stage: Stage) -> None:
    """Neither a secret nor an address, wherever it is wrong; a file of the report is private."""
    needle = "needle"
    lines = [
        user(passwordHash=needle),
        user(email=f"{needle}@"),
        user(firstName=needle + "\x00"),
        user(**{f"{needle} {needle}": 1}),
        user(factors=[{"kind": "totp", "secret": needle}]),
        user(factors=[{"kind": "totp", "secret": SECRET, "name": needle * 200}]),
        {"kind": needle},
        {"kind": "user", "email": {needle: needle}},
        membership(organizationExternalId=needle, userEmail=f"{needle}@example.com"),
        f'{{"kind":"user","email":"{needle}'.encode() + b"\n",
    ]
    report = stage.folder / "report"
    done = stage.bring_file(stage.file(lines), "--report", str(report))
    assert done.code == 1
    assert needle not in done.output
    text = report.read_text(encoding="utf-8")
    assert needle not in text
    assert [json.loads(line)["line"] for line in text.splitlines()] == list(range(1, 11))
    assert report.stat().st_mode & 0o777 == 0o600


def test_an_address_or_id_of_another_user(stage: Stage) -> None:
    """An id has one address, and an address one id: the line is refused, and the user stays."""
    assert stage.bring(user(1, id=ID), user(2)).code == 0
    before = stage.rows()
    done = stage.bring(user(3, id=ID), user(1, id=OTHER_ID), user(2, id=str(uuid4())))
    assert done.refused == {
        1: ("id", "ID_TAKEN"),
        2: ("email", "EMAIL_TAKEN"),
        3: ("email", "EMAIL_TAKEN"),
    }
    assert stage.rows() == before


def test_addresses_that_differ_in_spelling_are_one(stage: Stage) -> None:
    """They are compared as everywhere."""
    done = stage.bring(user(email="Ada@Example.com"), user(email="ada@EXAMPLE.COM"))
    assert done.refused == {2: ("", "DUPLICATE")}


def test_a_stranger_who_took_an_address_gets_nothing(stage: Stage) -> None:
    """An unproved account that no import has made is not the user of a line, and becomes no member."""
    put(stage, user_value(email="user-1@example.com"))
    put(stage, user_value(email="user-2@example.com"))
    done = stage.bring(
        user(1), user(3), organization(ownerEmail="user-3@example.com"), membership()
    )
    assert done.refused == {
        1: ("email", "EMAIL_TAKEN"),
        4: ("userEmail", "EMAIL_NOT_VERIFIED"),
    }


def test_a_user_who_has_proved_the_address_is_the_user_of_a_line(stage: Stage) -> None:
    """The account keeps its password, also if a stranger made it."""
    stored = user_value(email="user-1@example.com")
    put(stage, User(**{**_values(stored), "email_verify_time": stored.create_time}))
    done = stage.bring(user(1), organization())
    assert (done.code, done.refused) == (0, {})
    assert found(stage).password_hash == stored.password_hash


def _values(one: User) -> dict[str, Any]:
    return {name: getattr(one, name) for name in User.__dataclass_fields__}


def test_references_within_the_file(stage: Stage) -> None:
    """By external id, slug or id, and by address or id; only earlier lines of the file give names."""
    stage.bring(user(7), organization(ownerEmail="user-7@example.com"))
    done = stage.bring(
        user(1),
        user(2),
        user(3, id=ID),
        membership(),
        organization(externalId="b", slug="beta"),
        membership(2, organizationExternalId="b"),
        membership(organizationSlug="beta", userId=ID, role="admin"),
        membership(1, organizationSlug="acme"),
    )
    assert done.refused == {
        4: ("organizationExternalId", "NOT_FOUND"),
        8: ("organizationSlug", "NOT_FOUND"),
    }
    stage.examine()


def test_an_organization_of_another_with_the_slug(stage: Stage) -> None:
    """A slug is that of one organization: the line is refused, and with it the memberships in it."""
    assert stage.bring(user(1), organization(id=OTHER_ID)).code == 0
    done = stage.bring(user(1), user(2), organization(), membership())
    assert done.refused == {
        3: ("slug", "SLUG_TAKEN"),
        4: ("organizationExternalId", "NOT_FOUND"),
    }


def test_the_limits_of_tenants(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of tenants count: organizations of a user, and members of an organization."""
    monkeypatch.setenv("TENANTS_PER_USER", "2")
    monkeypatch.setenv("MEMBERS_PER_TENANT", "2")
    done = stage.bring(
        user(1),
        user(2),
        user(3),
        organization(),
        organization(externalId="b", slug="beta"),
        organization(externalId="c", slug="gamma"),
        membership(2),
        membership(3),
    )
    assert done.refused == {
        6: ("ownerId", "TENANT_LIMIT_REACHED"),
        8: ("organizationId", "MEMBER_LIMIT_REACHED"),
    }
    stage.examine()


def test_a_passkey_of_two_users(stage: Stage) -> None:
    """The second user is refused wholly."""
    key = Authenticator()
    passkey = passkey_line(key)
    done = stage.bring(user(1, factors=[passkey]), user(2, factors=[passkey]))
    assert done.refused == {2: ("factors", "PASSKEY_EXISTS")}
    stage.examine()


def test_a_passkey_twice_in_a_line(stage: Stage) -> None:
    """The line is refused: two rows would have one entry that finds them."""
    passkey = passkey_line(Authenticator())
    done = stage.bring(user(1, factors=[passkey, passkey]))
    assert done.refused == {1: ("factors", "PASSKEY_EXISTS")}
    stage.examine()


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"rpId": "example.com"}, "rpId", "OTHER_RP_ID"),
        ({"publicKey": "AAAA"}, "publicKey", "NOT_A_PASSKEY"),
        ({"publicKey": "2BwYY4E"}, "publicKey", "NOT_A_PASSKEY"),
        ({"credentialId": "AAAA"}, "publicKey", "NOT_A_PASSKEY"),
        ({"credentialId": "!"}, "credentialId", "NOT_BASE64URL"),
        ({"userHandle": "A" * 88}, "userHandle", "TOO_LONG"),
        ({"transports": ["x" * 30]}, "transports", "TOO_LONG"),
    ],
)
def test_passkeys_that_cannot_work(
    stage: Stage, changes: dict[str, Any], field: str, reason: str
) -> None:
    """A passkey of another domain, and what is none."""
    done = stage.bring(user(factors=[{**passkey_line(Authenticator()), **changes}]))
    assert done.refused == {1: (f"factors[0].{field}", reason)}


def test_apps_need_the_seal_keys(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the secret cannot be stored, so the user is refused."""
    monkeypatch.delenv("SEAL_KEYS")
    done = stage.bring(user(factors=[{"kind": "totp", "secret": SECRET}]), user(2))
    assert done.refused == {1: ("factors[0]", "SEAL_KEYS_REQUIRED")}


def test_a_store_that_cannot_be_opened(stage: Stage) -> None:
    """Exit code 2 and one line."""
    stage.url = "nowhere"
    done = stage.bring(user())
    assert done.code == 2
    assert done.output.startswith("import: The address of a store begins with")
    stage.url = f"lmdb://{stage.folder}/store"
    assert stage.bring_file(stage.folder / "missing").code == 2
