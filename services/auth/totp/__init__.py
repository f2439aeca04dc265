"""Authenticator apps: codes of six digits that change every 30 seconds (RFC 6238).

Owns `("auth", "totp")` and `("auth", "totp_enrollment")`. Serves TotpService.
"""
