"""Invitations to an organization: anyone with a token can become a member, with a proof more than that.

Owns the invitations, their indexes, the counts and the queue of emails, the mailboxes that get none,
and the outbox about proved addresses. Serves InvitationsService, sends the emails, and gives promised
roles.
"""
