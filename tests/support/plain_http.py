"""Clients of this machine, without TLS."""

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `verify=` of a client of http: URLs. It trusts no server.

Without it, each client of httpx reads all certificates of the machine, which takes 40 ms of processor time.
"""
