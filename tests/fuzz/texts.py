"""Texts of people and of their programs: headers, names, addresses, and what becomes of them elsewhere."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from uuid import UUID

from coditect_cli.output import plain, table
from opentelemetry.trace import NonRecordingSpan, NoOpTracer

from kernel import log
from kernel.emails import (
    NORMALIZED_EMAIL_BYTES,
    checked_email,
    deliverable_email,
    email_domain,
    normalized_email,
)
from kernel.errors import IdempotencyKeyInvalid, InvalidRequest, PeerUnknown
from kernel.fields import Fields
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Role
from kernel.identity.peers import Peers
from kernel.mail.errors import MailRefused
from kernel.mail.message import flattened
from kernel.origins import KnownOrigins
from kernel.tracing import spans
from kernel.tracing.spans import Spans
from ops.desk import output
from services.auth.notifications import devices
from services.auth.notifications.language import LANGUAGES, language_of
from services.auth.oauth_clients import names
from services.tenants.invitations import email as invitation_email
from services.tenants.invitations.model import Invitation
from tests.fuzz.target import target, text_of, texts_of
from tests.support.clock import START

_TRACE_PARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_PARENT_CHARACTERS = 55
_ORIGINS = KnownOrigins("https://coditect.local", ("https://app.example.com",), loopback=True)
_COOKIE = re.compile(r"[^;]*")


@target
def headers(data: bytes) -> None:
    """Address, User-Agent, languages, cookies, Origin, traceparent, workload, idempotency key."""
    texts = texts_of(data, 8)
    forwarded, agent, languages, cookie, origin, trace, peer, key = texts
    call = Call(None, {
        "x-forwarded-for": forwarded, "user-agent": agent, "accept-language": languages, "cookie": cookie,
    })  # fmt: skip
    _check_device(call)
    assert language_of(call.accept_language) in LANGUAGES
    assert all(_COOKIE.fullmatch(value) for value in call.cookies.values())
    if origin in _ORIGINS:
        assert re.fullmatch(r"https?://[a-z0-9.:\[\]]+", origin), "a page of others is one of ours"
    _check_trace(trace)
    with suppress(PeerUnknown):
        assert re.fullmatch(r"[^;,/]+", Peers("cluster.local", ()).name(peer))
    with suppress(IdempotencyKeyInvalid):
        assert IdempotentRequest("caller", "method", key, b"").key.isprintable()


def _check_device(call: Call) -> None:
    device = call.device
    assert re.fullmatch(r"(4:[0-9a-f]{1,6}|6:[0-9a-f]{1,12})?", device.network)
    for shown in (
        devices.program_of(device),
        devices.system_of(device),
        devices.address_of(device),
    ):
        assert shown.isprintable()


def _check_trace(header: str) -> None:
    parsed = spans._parsed(header)
    assert parsed is None or _TRACE_PARENT.fullmatch(spans._header_of(NonRecordingSpan(parsed)))
    if header.endswith("-00") and len(header) == _TRACE_PARENT_CHARACTERS:
        # Of a trace that is not recorded, the header is passed on; nothing is sent to a collector.
        recorder = Spans.__new__(Spans)
        recorder._tracer = NoOpTracer()
        recorder.enter_call(header, "call", {})
        passed_on = recorder.header()
        assert _TRACE_PARENT.fullmatch(passed_on), "what is passed on is no trace"


@target
def addresses(data: bytes) -> None:
    """Addresses of email: the normal form is its own, and a mail server gets the same address."""
    text = text_of(data)
    normal = normalized_email(text)
    assert normalized_email(normal) == normal
    assert len(normal.encode()) <= NORMALIZED_EMAIL_BYTES
    domain = email_domain(text)
    if domain is not None:
        assert email_domain(domain) == domain
    with suppress(InvalidRequest):
        fields = Fields()
        address = checked_email(fields, text)
        fields.check()
        assert normalized_email(address) == normalized_email(normalized_email(address))
        assert deliverable_email(address).rpartition("@")[2].isascii()


@target
def fields_of_requests(data: bytes) -> None:
    """Lines, paths and ids: what is taken is printable, and is taken again as it is."""
    text = text_of(data)
    for read in (
        lambda fields, given: fields.text("name", given, min_length=1, max_length=100),
        lambda fields, given: fields.path("path", given, max_length=100),
        lambda fields, given: str(fields.uuid("id", given)),
    ):
        with suppress(InvalidRequest):
            fields = Fields()
            taken = read(fields, text)
            fields.check()
            again = Fields()
            assert read(again, taken) == taken
            assert not again.bad
            assert log._json(None, "", {"name": taken})
    names.is_allowed(text)


@target
def log_lines(data: bytes) -> None:
    """Lines of the log: always one line of JSON, never too long, and secrets are redacted."""
    values = texts_of(data, 3)
    event = {
        "event": "call failed",
        "cause": values[0],
        "address": values[1],
        "password": values[2],
    }
    line = log.render(None, "", log.redact(None, "", event))
    assert len(line.encode()) <= log.LINE_BYTES
    assert "\n" not in line
    assert json.loads(line)["password"] == "[redacted]"


@target
def emails(data: bytes) -> None:
    """Names in an email: no header is added, the subject is what it was, and no link is added."""
    tenant, inviter, to = texts_of(data, 3)
    invitation = replace(_INVITATION, email=_checked(to) or "bob@example.com")
    email = invitation_email.invite(
        _ENVELOPE, invitation, invitation_email.EmailTokens("token", "mailbox"),
        invitation_email.Names(tenant, inviter), START,
    )  # fmt: skip
    try:
        content = flattened(email).content
    except MailRefused:
        return
    read = message_from_bytes(content, policy=default)
    assert sorted(read.keys()) == sorted(email.keys()), "a name adds a header"
    raw = message_from_bytes(content)["Subject"]
    subject = str(make_header(decode_header(raw)))
    assert re.fullmatch("Join [^\n]+ on Coditect", subject), subject
    text = read.get_content()
    assert text.count("://") == 2, "a name adds a link"


@target
def terminals(data: bytes) -> None:
    """Names on a terminal: nothing that moves the cursor, and JSON that says the same."""
    name, value = texts_of(data, 2)
    assert plain(name).isprintable()
    assert table(["NAME", "VALUE"], [[name, value]]).count("\n") == 1
    for line in output._lines({"name": name, "list": [name, value], "more": {"value": value}}):
        assert line.isprintable()
    shown = output._escaped(json.dumps({"name": name, "value": value}, ensure_ascii=False))
    assert shown.isprintable()
    assert json.loads(shown) == {"name": name, "value": value}


def _checked(text: str) -> str:
    fields = Fields()
    address = checked_email(fields, text)
    return "" if fields.bad else address


_ENVELOPE = invitation_email.Envelope(
    "Coditect <noreply@coditect.example>",
    "https://coditect.example/accept#token={token}",
    "https://coditect.example/opt-out#token={token}",
    "https://coditect.example/api/v5/opt-out/{token}",
)
_INVITATION = Invitation(
    UUID(int=1), UUID(int=2), "bob@example.com", "bob@example.com", Role.MEMBER,
    b"1" * 32, b"2" * 32, START, START,
)  # fmt: skip
