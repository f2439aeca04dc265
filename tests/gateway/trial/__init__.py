"""The gateway with a contract for tests."""
