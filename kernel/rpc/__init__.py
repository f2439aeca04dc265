"""How processes talk: the gRPC server and client, and what surrounds every call."""
