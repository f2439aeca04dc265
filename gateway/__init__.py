"""The edge of the product: everything that stands between a browser and the services.

It owns how the contract looks from outside: which paths exist, who has to show a token, the
envelope around every answer, limits, CORS, and the OpenAPI document that says so. All of it is
rendered from the contract's descriptor set; nothing here knows a route by name, except health and
readiness, which are the gateway's own.
"""
