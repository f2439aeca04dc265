"""Sending mail: by SMTP, or into a folder. Two contexts mail, so it is the kernel's."""
