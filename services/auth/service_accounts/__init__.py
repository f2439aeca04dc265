"""Service accounts: callers that belong to an organization and to no person, and their keys.

Owns `("auth", "service_account", …)` and `("auth", "service_account_key", …)`. Serves
ServiceAccountsService, and is the source of `cdt_sak_` for the exchange. An account is its own
`sub`: it is no user, has no login and no membership, and its role is in its record.
"""
