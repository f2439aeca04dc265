"""Emails to users about their accounts: proofs with a link and a code, and notices.

An email is queued in the transaction that causes it (`emails.py`), and sent by a task (`mailer.py`).
Owns `("auth", "emails")` and `("auth", "email_count")`; serves nothing by itself.
"""
