"""Who are you: accounts, logins, passwords, and the tokens that stand for them.

Owns the subspace `("auth", ...)`, declared in `keys.py`. Serves `AuthService` to the public and
`RevocationsService` to the other services. Calls tenants and sessions, never in the way of a
user's answer: what they have to do is committed to an outbox first.
"""
