"""Recovery of an account whose password is forgotten, by an email that only its owner gets.

Owns no rows: tokens and users are stored by others. Serves PasswordResetService.
"""
