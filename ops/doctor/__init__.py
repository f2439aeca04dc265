"""The doctor: reads a whole store and reports broken invariants.

`python -m ops.doctor STORE_URL` checks every row of every context, page by page, and changes
nothing. It reads related rows in the same transaction as the page, so live traffic causes no false
alarms. It is not a context: it imports the keys and invariants of all contexts, and no context
imports it.
"""
