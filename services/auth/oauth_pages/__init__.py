"""The pages of the authorization server, in HTML without script: log in, allow a program, let a device in.

Owns no rows: the browser keeps the secret of a login of the user's, and a form says all that the next
step needs. Serves coditect.auth.v5.OAuthPagesService.
"""
