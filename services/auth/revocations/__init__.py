"""The log of revoked access tokens, which every service follows.

Owns `("auth", "revocation")` and its head. Serves `RevocationsService` to the other services.
"""
