"""What users do with their accounts: register, edit, change the password, export, delete.

Owns no rows beside its idempotency records. Serves `AccountsService`.
"""
