"""What a client holds: access tokens, which are signed, and refresh tokens, which are opaque.

Owns no rows and serves nothing by itself.
"""
