"""Counts wrong guesses of passwords and codes, and stops them.

Owns the rows under `("auth", "throttling")`; serves nothing by itself.
"""
