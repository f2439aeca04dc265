"""`python -m ops convert SOURCE FILE`: turns exports of other systems into lines that an import takes.

Each source is one module with `convert`, a generator of lines. It rewrites and checks nothing further:
the import does. docs/import.md says how each export is made.
"""
