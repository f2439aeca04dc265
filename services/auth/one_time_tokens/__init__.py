"""One-time tokens: what proves that a person reads a mailbox.

Email verification, registration, recovery and the change of an address work with them alone. An email
has a token, in a link, and a short code for a person to type. Owns `("auth", "one_time_token")` and
its indexes; serves nothing by itself.
"""
