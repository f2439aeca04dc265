"""Access revocations: a member can do less than a token says.

Owns the epoch of each organization and the two outboxes that tell auth and sessions. Serves no RPC:
what takes access away calls it in the same transaction.
"""
