"""Import and export of users with password hashes and second factors, for an operator's tool.

It owns no rows and has no servicer: `python -m ops import` and `export` call it on the store. It writes
what a registration and the setup of factors write, through the same tables.
"""
