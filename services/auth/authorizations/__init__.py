"""Authorizations: what programs ask users for, and what users answer (RFC 6749, OAuth 2.1).

A request is checked the same way wherever it comes from: the address of our page, the console, or the
program itself in advance (RFC 9126). Its approval gives a code, which the token endpoint takes once.
Owns `("auth", "authorization_code", …)` and `("auth", "pushed_request", …)`; serves
coditect.auth.v5.AuthorizationsService.
"""
