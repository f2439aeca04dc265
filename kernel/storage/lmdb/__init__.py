"""LMDB: the embedded backend, for one host."""
