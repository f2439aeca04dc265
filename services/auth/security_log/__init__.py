"""The security log of a user: logins, failures, and changes of the account, in commit order.

Owns `("auth", "security_log")` and what finds and counts its entries, and serves SecurityLogService.
Other capabilities append an event in the transaction that makes the change, and report it after the
commit.
"""
