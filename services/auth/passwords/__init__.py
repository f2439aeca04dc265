"""Which new passwords are accepted, and Argon2id hashes computed off the event loop.

Owns no rows: a hash is stored with its user. `common.txt` holds common passwords, which are refused; a
deployment can add a file or a service of breached ones.
"""
