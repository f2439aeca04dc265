"""What tenants keeps of a user: its erasure and its export, both for auth.

Owns no rows of its own. Serves no RPC: auth calls it through TenantsInternalService.
"""
