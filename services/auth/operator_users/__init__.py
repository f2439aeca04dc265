"""What operators do with users: look, disable, unlock, recover, keep, delete.

Owns no rows. Each act is one transaction, with the check that the caller is an operator still and the
entry of the operator log (`acts.py`).
"""
