"""The members of an organization: who sees them, changes their roles, removes them, and who succeeds.

Owns no rows of its own: members are stored by memberships. Serves MembersService.
"""
