"""The self-test: is this the real program, complete, and does it work on this machine?

`python -m ops.selftest` runs the three services as separate processes on free ports, with a
temporary store, keys and accounts. The build of an image fails if the self-test fails; in a running
pod it is harmless. It is not a context: it imports all contexts, and no context imports it.
"""
