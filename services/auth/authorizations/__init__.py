"""Authorization requests of programs, and what users answer to them."""
