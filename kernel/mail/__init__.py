"""Sends mail by SMTP or into a folder. In the kernel, because two contexts send mail."""
