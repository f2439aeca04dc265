"""Invitations to an organization: anyone with the token of one can become a member.

Owns the invitations, their indexes, the counts of emails and the queue of emails. Serves
InvitationsService, and sends the emails.
"""
