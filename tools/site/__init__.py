"""Assembles the site: the console, the reference of the API, and its document."""
