"""The users who run the product for others.

Owns `("auth", "operator")`. Only the command line of the store's host makes a user an operator. A login
with two factors then gets tokens that say so, and an act checks the row in its own transaction.
"""
