"""Bearer tokens that are not JWTs: they begin with `cdt_`, and auth exchanges them for access tokens.

The gateway asks for each call with such a token, and nothing for others. The exchange answers from
memory: it knows a token that was seen before, and the revocations. What stands behind a token is of
the capability that makes it, which is a `BearerSource`. Owns no rows. Serves Envoy's
`envoy.service.auth.v3.Authorization` to the gateway.
"""
