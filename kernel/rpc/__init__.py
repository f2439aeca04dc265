"""The gRPC server and client, and the checks around every call."""

import os

# gRPC's core logs to stderr, without limits and without our redaction. Read when gRPC is imported;
# an operator may set another value to look for a fault.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
