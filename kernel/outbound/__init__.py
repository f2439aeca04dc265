"""Connections to servers that strangers choose: only to public addresses, and to no other than was checked."""
