"""Generates the part of `clients/python` that follows from docs/openapi.yaml.

`models` writes the shapes, `errors` a class for each code, `operations` the methods, sync and async.
Everything else of the client is written by hand. Well-kept generators exist, but make either models
alone, with one module for each dot of a name, or a whole client with its own transport for each
operation: neither gives tokens, repeats and pages to 95 operations in one place.
"""
