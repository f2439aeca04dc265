"""What operators have done, in the order of the commits.

Owns `("auth", "operator_log")` and `("auth", "operator_event…")`. The transaction of an act appends
it; acts on tenants come from the outbox of tenants. An entry names users and tenants by id alone, and
keeps the ids when they are deleted: that is what the log is for.
"""
