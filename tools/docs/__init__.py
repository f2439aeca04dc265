"""The generators of `docs/`: errors, key space and settings, each from what the code declares."""
