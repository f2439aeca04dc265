"""What are you working on: the IDE workspace sessions of users.

Owns the subspace `("sessions", ...)`, declared in `keys.py`. Serves `SessionsService` to the public
and `SessionsInternalService` to auth and tenants. Calls nobody but auth, whose feed says which tokens to trust.
"""
