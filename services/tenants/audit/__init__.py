"""The audit log of a tenant: what was done, by whom, to whom, when and from where.

Owns the entries and their indexes, and serves AuditService. Other capabilities append an entry in
the transaction that makes the change; auth delivers its events, see `events.py`.
"""
