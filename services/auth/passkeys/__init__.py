"""Passkeys (WebAuthn): they log in alone, or are the second factor of a password.

The cryptography is that of the library `webauthn`. Owns `("auth", "passkey")` with its index and its
counters. Serves PasskeysService.
"""
