"""The account record and its email address, which other capabilities read and write.

Owns `("auth", "user")` and `("auth", "email")`; serves nothing by itself.
"""
