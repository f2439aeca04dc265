"""The edge of the product: everything between a browser and the services.

It owns what the contract looks like from outside: which paths exist, which need a token, the
envelope of responses, limits, CORS, and the OpenAPI document that describes all this. Everything is
rendered from the contract's descriptor set. No route is named in this code except health and
readiness, which are the gateway's own.
"""
