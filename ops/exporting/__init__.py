"""`python -m ops export`: writes the users and organizations of a store as lines that an import takes."""
