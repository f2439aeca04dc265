"""Who a user is: accounts, passwords, logins, and the tokens that stand for them.

Owns the subspace `("auth", ...)`, a folder for each capability. Serves `AccountsService`,
`LoginsService` and `KeysService` to the public, `RevocationsService` and `AuthInternalService` to
the other services. What tenants and sessions have to do is put into an outbox. Only two requests
wait for another service: reading a membership, and an export.
"""
