"""The programs that act for users."""
