"""Tasks about users for tenants and sessions, committed together with the change that causes them.

Owns `("auth", "outbox")`. `deliveries.py` of the context takes the tasks from it.
"""
