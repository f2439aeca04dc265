"""The fixtures of these tests."""

from tests.ops.doctor.conftest import environment

__all__ = ["environment"]
