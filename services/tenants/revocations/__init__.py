"""Access revocations: a member can do less than a token says.

Owns the epoch of each organization and the two outboxes that tell auth and sessions. Serves no RPC:
the change that revokes access calls it in its own transaction.
"""
