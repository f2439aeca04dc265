"""Challenges: what a client must answer before it gets a login or a passkey.

A challenge is text that says itself what it is for, sealed. The store has only those that were used,
until they end. Owns `("auth", "spent_challenge")`; serves nothing by itself.
"""
