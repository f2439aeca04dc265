"""Recovery codes: second factors on paper, ten at once, each good once.

A code has 120 random bits, so it cannot be guessed, and a plain hash keeps it secret (NIST SP
800-63B-4, section 3.1.2.2). Owns `("auth", "recovery_codes")`. Serves RecoveryCodesService.
"""
