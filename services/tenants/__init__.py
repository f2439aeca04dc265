"""Where do you belong: tenants and who is a member of which.

Owns the subspace `("tenants", ...)`, declared in `keys.py`. Serves `TenantsService` to the public and
`TenantsInternalService` to auth. Calls nobody but auth, whose feed says which tokens to trust, and
which says who a user is.
"""
