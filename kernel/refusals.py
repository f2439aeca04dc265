"""A refusal of one field, for what checks values against rows of the store."""

from kernel.errors import FieldViolation, InvalidRequest


def refusal(field: str, reason: str, description: str) -> InvalidRequest:
    """The error that refuses a field."""
    return InvalidRequest(violations=[FieldViolation(field, reason, description)])
