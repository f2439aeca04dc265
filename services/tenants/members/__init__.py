"""The members of an organization: list them, change their roles, remove them, replace the last owner.

Owns no rows of its own: members are stored by memberships. Serves MembersService.
"""
