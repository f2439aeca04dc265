"""The password policy, and Argon2id hashes computed off the event loop.

Owns no rows: a hash is stored with its user. `common.txt` holds the passwords that are refused.
"""
