"""Files of other systems: lines of an import, exports to convert, password hashes; and answers of servers."""

import json
from contextlib import suppress
from functools import cache
from io import BytesIO
from ipaddress import ip_address
from typing import get_args
from urllib.parse import urlsplit

import httpx

from kernel.errors import ServiceError
from kernel.outbound.public_addresses import is_public
from kernel.seal import Seal
from ops.converting.command import NOT_AS_WRITTEN, SOURCES
from ops.converting.values import NotConverted
from ops.importing.lines import LINE, LINE_BYTES, Read, read_lines
from services.auth.importing.factors import FactorReader
from services.auth.importing.lines import UserLine
from services.auth.importing.users import ImportUsers
from services.auth.passwords import formats, notations
from services.auth.passwords.breached_range import RangeRefused, _counts
from services.tenants.importing.lines import OrganizationLine
from services.tenants.importing.organizations import ImportOrganizations, Limits
from services.tenants.settings import PrivateAddresses
from services.tenants.webhooks import urls
from tests.fuzz.target import target, text_of
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import SEAL_KEY

_CHEAP_KIB = 64


@cache
def _users() -> ImportUsers:
    reader = FactorReader(FixedIds(), Seal([SEAL_KEY]), "localhost")
    return ImportUsers(FixedClock(), FixedIds(), reader)


@cache
def _organizations() -> ImportOrganizations:
    return ImportOrganizations(FixedClock(), Limits(100, 100))


@target
def import_lines(data: bytes) -> None:
    """Lines of an import: read, or refused with the name of a field, and nothing else of the line."""
    for found in read_lines(BytesIO(data)):
        if not isinstance(found, Read):
            assert found.reason.isupper()
            assert found.field.isascii()
            continue
        assert found.size <= LINE_BYTES + 1
        LINE.dump_json(found.line, by_alias=True)
        with suppress(ServiceError):
            if isinstance(found.line, UserLine):
                new = _users().prepare(found.line)
                assert new.user.email.encode()
                assert new.keys
            elif isinstance(found.line, OrganizationLine):
                _organizations().prepare(found.line)
            else:
                _organizations().prepare_membership(found.line)


@target
def exports(data: bytes) -> None:
    """Exports of other systems: each record is converted into a line, or the file is not as they write it."""
    for convert in SOURCES.values():
        with suppress(*NOT_AS_WRITTEN, OSError):
            for record in convert(BytesIO(data), "localhost"):
                if not isinstance(record, NotConverted):
                    json.dumps(record)


@target
def password_hashes(data: bytes) -> None:
    """Password hashes: what is stored is read again, is of bounded cost, and can be checked."""
    text = text_of(data)
    stored_text = notations.stored_form(text)
    if stored_text is None:
        return
    stored = formats.parse(stored_text)
    assert stored is not None
    assert stored.text == stored_text
    assert formats.settings_of(stored_text) == stored.settings
    assert notations.affordable(stored_text) == stored.is_affordable
    formats.is_replaceable(stored, text)
    if not stored.is_affordable:
        return
    decoy = formats.parse(stored.decoy())
    assert decoy is not None
    assert decoy.memory_kib == stored.memory_kib
    if stored.memory_kib <= _CHEAP_KIB and _is_quick(stored_text):
        for password in formats.spellings(stored, "password", "password"):
            stored.matches(password)


def _is_quick(text: str) -> bool:
    """Whether a check takes no more than a moment; what is affordable may take a second."""
    return "i=" not in text and not text.startswith(("$2", "$argon2"))


@target
def breached_ranges(data: bytes) -> None:
    """Answers of a service of breached passwords: read, or refused as a whole."""
    with suppress(RangeRefused):
        _counts(data, b"0018A45C4D1DEF81644B54AB7F969B88D65")


_PORTS = {"http": 80, "https": 443}


@target
def webhook_urls(data: bytes) -> None:
    """URLs of webhooks: the host that is checked is the one that is connected to."""
    text = text_of(data)
    for private in get_args(PrivateAddresses):
        if not urls.is_good(text, private):
            continue
        with suppress(httpx.InvalidURL):
            url, parts = httpx.URL(text), urlsplit(text)
            assert not url.userinfo
            assert url.raw_path.decode("ascii").isprintable()
            assert url.raw_host.decode() == urls.host_of(text), "two readers see two hosts"
            assert (url.port or _PORTS[url.scheme]) == (parts.port or _PORTS[url.scheme])


@target
def public_addresses(data: bytes) -> None:
    """Addresses that a name server gives: none that is public stands for one that is not."""
    text = text_of(data)
    if is_public(text):
        address = ip_address(text)
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        assert inner is None
        for kind in ("private", "loopback", "link_local", "reserved", "unspecified", "multicast"):
            assert not getattr(address, f"is_{kind}"), kind
