"""The OpenAPI document: the public contract as a browser sees it."""
