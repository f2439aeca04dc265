"""Proofs as requests bring them, over a real channel."""

from typing import Any

import pytest

from coditect.auth.v5 import email_addresses_pb2, password_reset_pb2
from kernel.rpc.errors import RemoteError
from tests.services.auth.harness import OTHER_PASSWORD
from tests.services.auth.server import Auth


@pytest.mark.parametrize(
    ("given", "violations"),
    [
        ({}, {"token": "REQUIRED"}),
        ({"email": "ada@example.com"}, {"token": "REQUIRED"}),
        ({"code": "04HM-ASW9"}, {"token": "REQUIRED"}),
        ({"token": "x", "email": "ada@example.com"}, {"email": "NOT_WITH_TOKEN"}),
        (
            {"token": "x", "email": "ada@example.com", "code": "04HM-ASW9"},
            {"email": "NOT_WITH_TOKEN", "code": "NOT_WITH_TOKEN"},
        ),
    ],
)
async def test_a_proof_that_is_missing_or_given_twice(
    auth: Auth, given: dict[str, Any], violations: dict[str, str]
) -> None:
    """A verification and a reset name the fields."""
    requests = {
        "VerifyEmail": email_addresses_pb2.VerifyEmailRequest(**given),
        "ResetPassword": password_reset_pb2.ResetPasswordRequest(
            **given, new_password=OTHER_PASSWORD
        ),
    }
    for method, request in requests.items():
        with pytest.raises(RemoteError) as error:
            await auth.call(method, request)
        assert error.value.reason == "INVALID_REQUEST"
        assert {bad.field: bad.reason for bad in error.value.violations} == violations
