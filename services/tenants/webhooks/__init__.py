"""Webhooks: URLs of an organization's choice, to which its events are sent.

Owns what an admin has set up, how far each webhook has come in the audit log, and the deliveries that
it has given up; serves WebhooksService. `worker.py` finds the webhooks that are due, `deliverer.py`
sends their events, one after the other.
"""
