"""Organizations: shared tenants that users create, rename, suspend and delete; and the list of tenants.

Owns no rows of its own: tenants are stored by memberships. Serves TenantsService, and removes what
a deleted organization leaves behind.
"""
