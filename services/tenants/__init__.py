"""Tenants: self-tenants, organizations, their members, invitations to them, and their audit logs.

Owns the subspace `("tenants", ...)`, with a folder for each capability. Serves TenantsService,
MembersService, InvitationsService and AuditService to the public, and TenantsInternalService to
auth. Calls auth (revocation feed, user profiles, token revocation), sessions (ends sessions) and a
mail server (invitation emails).
"""
