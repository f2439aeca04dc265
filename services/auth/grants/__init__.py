"""Grants: what programs may do for users. A grant is a login with a client and scopes.

So rotation, revocation, limits and erasure hold for grants as for logins, and this capability stores
nothing of its own. Serves coditect.auth.v5.GrantsService.
"""
