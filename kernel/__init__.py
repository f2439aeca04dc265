"""Code that every process needs and no context owns.

Code belongs here if two contexts use it and it names neither.
"""
