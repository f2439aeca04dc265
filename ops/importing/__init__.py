"""`python -m ops import`: brings users and organizations of other systems into a store.

Auth and tenants write their own rows, in `services/auth/importing` and `services/tenants/importing`;
this package reads the file, puts lines together into transactions, and reports. docs/import.md
describes the file.
"""
