"""What operators of the system do with tenants: look, suspend, resume, hand over.

Owns no rows: it changes those of `memberships`, and puts each act into `operator_events`.
"""
