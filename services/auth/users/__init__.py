"""The account record and its e-mail address, which other capabilities read and write.

Owns `("auth", "user")` and `("auth", "email")`; serves nothing by itself.
"""
