"""What users do with their accounts: register, edit, change the password, export, delete.

Owns no rows beside the answers that its idempotency keys keep. Serves `AccountsService`.
"""
