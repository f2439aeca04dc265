"""`python -m ops login|logout|users|tenants|log`: the operator's desk, against the API.

Everything here is a call of the API by an operator who has logged in with two factors; nothing
opens the store.
"""
