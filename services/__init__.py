"""The contexts: each of them one process and one subspace, and none knows the code of another."""
