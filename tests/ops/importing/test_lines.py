"""Hostile files: whatever is in one, each line is taken or refused, and nothing else happens."""

import io
import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import SystemClock
from kernel.errors import InvalidRequest
from kernel.ids import SystemIds
from kernel.seal import Seal
from ops.importing.lines import LINE_BYTES, Read, Refused, read_line, read_lines
from services.auth.importing.factors import FactorReader
from services.auth.importing.lines import UserLine
from services.auth.importing.users import ImportUsers
from services.tenants.importing.lines import OrganizationLine
from services.tenants.importing.organizations import ImportOrganizations, Limits
from tests.ops.importing.harness import SEAL_KEY, membership, organization, user
from tests.support.authenticator import Authenticator
from tests.support.imported_passkeys import passkey_line

_IDS = SystemIds()
_USERS = ImportUsers(SystemClock(), _IDS, FactorReader(_IDS, Seal([SEAL_KEY]), "localhost"))
_TENANTS = ImportOrganizations(SystemClock(), Limits(10, 10))
_GOOD: list[dict[str, Any]] = [
    user(
        id="0a3f7a52-53f5-4b9f-a3a8-b3a9c9d7a8f1",
        firstName="Ada",
        createTime="2024-01-15T09:30:00Z",
        factors=[{"kind": "totp", "secret": "A" * 32}, passkey_line(Authenticator())],
    ),
    organization(policy={"emailDomains": ["example.com"]}),
    membership(),
]
_TEXT = st.text(max_size=40) | st.text(
    "\x00\u200b\u202e\ufeff$@.=-A1/\u0130\U0001f600", max_size=40
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def check(found: Read | Refused) -> None:
    """Checks a line further, if it has the form of one."""
    if isinstance(found, Read):
        with suppress(InvalidRequest):
            if isinstance(found.line, UserLine):
                _USERS.prepare(found.line)
            elif isinstance(found.line, OrganizationLine):
                _TENANTS.prepare(found.line)


@given(st.binary(max_size=300))
def test_any_bytes(raw: bytes) -> None:
    """They are a file of lines that are refused, but for empty ones."""
    for found in read_lines(io.BytesIO(raw)):
        assert isinstance(found, Refused)
        assert found.reason.isupper()


@settings(max_examples=300)
@given(st.sampled_from(_GOOD), st.data())
def test_a_good_line_with_one_other_value(line: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands in a field, or in one of a factor, nothing raises."""
    changed = json.loads(json.dumps(line))
    place: Any = changed
    if changed.get("factors") and data.draw(st.booleans()):
        place = data.draw(st.sampled_from(changed["factors"]))
    place[data.draw(st.sampled_from(sorted(place)) | _TEXT)] = data.draw(_ANY)
    check(read_line(1, json.dumps(changed).encode(errors="surrogatepass")))


@given(st.sampled_from(_GOOD), st.integers(0, 500), st.binary(max_size=3))
def test_a_good_line_with_other_bytes(line: dict[str, Any], at: int, put: bytes) -> None:
    """A damaged line is refused, or is still a line."""
    raw = json.dumps(line).encode()
    check(read_line(1, raw[:at] + put + raw[at + len(put) :]))


def test_long_lines() -> None:
    """A line of the limit is read; a longer one is refused without being read into memory."""
    good = json.dumps(user()).encode()
    fits = good + b" " * (LINE_BYTES - len(good)) + b"\n"
    found = list(read_lines(io.BytesIO(fits + b" " + fits + fits + b"x" * LINE_BYTES * 3)))
    assert [isinstance(one, Read) for one in found] == [True, False, True, False]
    assert [one.reason for one in found if isinstance(one, Refused)] == ["LINE_TOO_LONG"] * 2
    assert [one.number for one in found if isinstance(one, Read)] == [1, 3]


def test_empty_lines_and_other_ends() -> None:
    """Empty lines count; a line may end with CR LF, and the last one with nothing."""
    good = json.dumps(user()).encode()
    found = list(read_lines(io.BytesIO(b"\n \n" + good + b"\r\n" + good)))
    assert [one.number for one in found if isinstance(one, Read)] == [3, 4]
