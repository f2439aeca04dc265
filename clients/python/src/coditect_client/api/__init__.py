"""The operations of the API, generated from docs/openapi.yaml."""
