"""Second factors of users: what is common to all kinds, and the recovery when all are lost.

The kinds, `totp`, `passkeys` and `recovery_codes`, stand above, and are known by ports. Owns
`("auth", "factor_recovery")`. Serves FactorsService.
"""
