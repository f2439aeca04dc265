"""The keys that tokens are signed with: published, rotated, retired.

Owns `("auth", "key")`. Serves `KeysService`.
"""
