"""The self-test: is this the real program, whole, and does it work on this machine?

`python -m ops.selftest` runs the three services as processes of their own, on free ports and
over a store, keys and accounts that it makes for the purpose and removes again. An image whose
build does not get through it is not built, and in a running pod it harms nothing. Not a context: it
knows all of them, and none of them knows it.
"""
