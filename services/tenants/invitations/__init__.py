"""Invitations: the holder of the token of one becomes a member of the organization.

Owns the invitations, their indexes, the counts of emails and the queue of emails. Serves
InvitationsService, and sends the emails.
"""
