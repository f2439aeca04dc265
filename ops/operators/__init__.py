"""`python -m ops operators`: who runs the product for others. It needs the store alone."""
