"""Applications on other libraries, to compare with: each set up as its documentation says."""
