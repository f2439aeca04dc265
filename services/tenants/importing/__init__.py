"""Import and export of organizations and memberships, for an operator's tool.

It owns no rows and has no servicer: `python -m ops import` and `export` call it on the store. It writes
what the creation of an organization and the acceptance of an invitation write, through the same tables.
"""
