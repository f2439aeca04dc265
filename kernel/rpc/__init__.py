"""The gRPC server and client, and the checks around every call."""
