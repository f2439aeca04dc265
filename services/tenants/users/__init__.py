"""Erases and exports what tenants stores about a user, for auth.

Owns no rows of its own. Serves no RPC: auth calls it through TenantsInternalService.
"""
