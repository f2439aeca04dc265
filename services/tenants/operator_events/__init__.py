"""What operators do with tenants, for the operator log, which auth keeps.

Owns `("tenants", "operator_events")`, an outbox. `operator_tenants` appends an event in the
transaction of the act; `deliveries.py` of the context passes the events on.
"""
