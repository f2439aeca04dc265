"""Logins: begun with a password, continued with refresh tokens, each in one tenant at a time.

Owns `("auth", "login")` and its expiry rows. Serves `LoginsService`.
"""
