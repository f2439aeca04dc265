"""What admins do with the programs of their organization, for the audit log, which tenants keeps.

Owns `("auth", "audit_events")`, an outbox. Other capabilities append an event in the transaction that
makes the change; `deliveries.py` of the context passes the events on.
"""
