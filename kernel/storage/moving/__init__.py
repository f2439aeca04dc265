"""Moves a store: copies it into another, backs it up, restores it."""
