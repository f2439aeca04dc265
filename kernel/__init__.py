"""What every process needs and no context owns.

A thing belongs here when two contexts use it and it names none of them.
"""
