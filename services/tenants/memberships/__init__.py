"""Tenants and their members: the records that every other capability reads.

Owns the rows of tenants, members and deleted users. Says who may do what in a tenant, and makes
sure that every user has a self-tenant. Serves no RPC.
"""
