"""Personal access tokens: bearer tokens with which scripts act for a user.

A token acts in one tenant and within its scopes, as its user is there at the time of each call. Owns
`("auth", "personal_access_token", …)`. Serves PersonalAccessTokensService, and is the source of
`cdt_pat_` for the exchange.
"""
