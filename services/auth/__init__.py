"""Accounts, passwords, logins, and the tokens that identify users.

Owns the subspace `("auth", ...)`, a folder for each capability. Serves `AccountsService`,
`LoginsService` and `KeysService` to the public, `RevocationsService` and `AuthInternalService` to
the other services. An outbox holds the tasks for tenants and sessions, and another one the
events for the audit logs of tenants. Only two requests wait for another service: reading a
membership, and an export.
"""
