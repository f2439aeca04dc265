"""`python -m ops end-all-logins`: ends every login and token, for use after a leak.

It works on the store, so it needs no service. Running ones notice at once.
"""
