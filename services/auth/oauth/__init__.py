"""The endpoints of OAuth that programs call: tokens, revocation, introspection and who the user is.

Every grant type has a rule of its own; all of them issue tokens in one place. Stores nothing of its own.
Serves coditect.auth.v5.OAuthService.
"""
