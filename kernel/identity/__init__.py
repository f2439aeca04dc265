"""Who is calling, and whether they may: the same checks in every service."""
