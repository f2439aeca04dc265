"""What programs find out by themselves: the metadata of the authorization server and of the API.

Serves `DiscoveryService`.
"""
