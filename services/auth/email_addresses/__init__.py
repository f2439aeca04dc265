"""Email addresses of accounts: proved by an email that only their owner gets.

Owns no rows: tokens and users are stored by others. Serves EmailAddressesService.
"""
