"""Policies: what a tenant asks of its members and their logins.

Owns no rows: a policy is part of the record of its tenant, so no check of it costs a read. What follows
from a policy is where it applies: the second factor in `memberships.authorization`, the domains in
`invitations`, and the limits of logins in auth, which reads them with each membership.
"""
