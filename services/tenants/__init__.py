"""Tenants: self-tenants, organizations, their members, policies, invitations and audit logs.

Owns the subspace `("tenants", ...)`, with a folder for each capability. Serves TenantsService,
MembersService, PoliciesService, InvitationsService and AuditService to the public, and
TenantsInternalService to auth. Calls auth (revocation feed, user profiles, token revocation),
sessions (ends sessions) and a mail server (invitation emails).
"""
