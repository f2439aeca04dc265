"""Events: what happens in a tenant, for programs that ask for it by a cursor.

Owns no rows: an event is an entry of the audit log with its place there, and a cursor is that place,
sealed. `messages.py` makes events of entries, also for webhooks.
"""
