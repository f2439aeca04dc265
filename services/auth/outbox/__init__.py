"""What tenants and sessions have yet to do about a user, committed together with its cause.

Owns `("auth", "outbox")`. `deliveries.py` of the context takes the tasks from it.
"""
