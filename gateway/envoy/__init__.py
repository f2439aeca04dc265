"""Envoy's configuration, of the edge and of the sidecars, rendered from the contract."""
