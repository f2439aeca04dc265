"""Recipes on top of the store port: what FoundationDB calls layers, the same for every backend."""
