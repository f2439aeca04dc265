"""How events for audit logs are stored."""

from dataclasses import replace

import pytest

from coditect.field.v1.field_pb2 import rules
from coditect.tenants.v5 import audit_pb2
from kernel.identity.programs import NO_PROGRAM
from services.auth.audit_events.model import AuditAction
from services.auth.audit_events.repository import pack_event, parse_event
from tests.services.auth.audit_events.harness import EVENT


def test_events_survive_a_round_trip() -> None:
    """A parsed event equals the packed one, also without a program."""
    for event in (EVENT, replace(EVENT, program=NO_PROGRAM)):
        assert parse_event(pack_event(event)) == event


def test_an_action_of_a_newer_version_waits_for_that_version() -> None:
    """It raises ValueError, so the outbox keeps the row."""
    newer = pack_event(EVENT).replace(b"client.created", b"client.touched")
    with pytest.raises(ValueError, match="touched"):
        parse_event(newer)


def test_the_contract_lists_every_action() -> None:
    """Clients know each of them as a value of `action`."""
    options = audit_pb2.AuditEntry.DESCRIPTOR.fields_by_name["action"].GetOptions()
    assert {str(action) for action in AuditAction} <= set(getattr(options.Extensions[rules], "in"))
