"""Who are you: accounts, logins, passwords, and the tokens that stand for them.

Owns the subspace `("auth", ...)`, declared in `keys.py`. Serves `AccountsService`, `LoginsService` and `KeysService` to the public, and
`RevocationsService` and `AuthInternalService` to the other services. What tenants and sessions have
to do is committed to an outbox first; they are asked in the way of an answer only for what a user is
in a shared tenant, and for an export.
"""
