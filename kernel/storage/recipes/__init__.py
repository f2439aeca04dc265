"""Recipes on top of the store port, the same for every backend (FoundationDB calls them layers)."""
