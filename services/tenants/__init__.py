"""Where do you belong: tenants and who is a member of which.

Owns the subspace `("tenants", ...)`, declared in `keys.py`. Serves `TenantsService` to the public and
`TenantsInternalService` to auth. Calls auth, whose feed says which tokens to trust, which says who a
user is and learns whose tokens to refuse; sessions, which learns whose sessions end; and whoever
takes its mail.
"""
