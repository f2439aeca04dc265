"""Workspace tokens: bearer tokens with which a machine or an AI agent works in one session.

A token acts for its user in the tenant of the session, within its scopes, and names its agent. It ends
with the session, the login or grant that has made it, or the membership. Owns
`("auth", "workspace_token", …)` and the tombstones of sessions that have ended. Serves
WorkspaceTokensService, and is the source of `cdt_wst_` for the exchange.
"""
