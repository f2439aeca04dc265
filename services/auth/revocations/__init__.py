"""The log of what ends access tokens early, which every service follows.

Owns `("auth", "revocation")` and its head. Serves `RevocationsService` to the other services.
"""
