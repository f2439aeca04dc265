"""OAuth clients: the programs that may act for users, and how each shows who it is.

Some are built in, tenants register their own, programs can register themselves (RFC 7591) or have a
metadata document under the URL that is their id; the last two only where settings allow them. Owns
`("auth", "oauth_client")` with its index and its counters, `("auth", "dynamic_client")` and
`("auth", "spent_assertion")`. Serves OAuthClientsService.
"""
