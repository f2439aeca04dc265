"""The Ed25519 keys that access tokens are signed with: published, rotated, retired.

Owns `("auth", "key")`. Serves `KeysService`.
"""
