"""What a user works on: the IDE workspace sessions.

Owns the subspace `("sessions", ...)`, declared in `keys.py`. Serves `SessionsService` to the public
and `SessionsInternalService` to auth and tenants. Calls only auth: its stream of revocations says
which tokens to trust, and it ends the tokens of sessions that have ended.
"""
