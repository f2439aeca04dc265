"""Whole calls: any request and any headers, of each context, through everything between gateway and store.

A call must be answered, or refused with a reason that its method declares. Headers of the answer must be
headers, and neither the store nor a parser may fail.
"""

from tests.fuzz import contexts
from tests.fuzz.target import target


@target
def calls_of_auth(data: bytes) -> None:
    """Calls of auth: accounts, logins, factors, programs, OAuth and its pages, operators."""
    contexts.auth().run(data)


@target
def calls_of_tenants(data: bytes) -> None:
    """Calls of tenants: organizations, members, invitations, webhooks, policies, audit."""
    contexts.tenants().run(data)


@target
def calls_of_sessions(data: bytes) -> None:
    """Calls of sessions: editor state, pages, revisions."""
    contexts.sessions().run(data)
