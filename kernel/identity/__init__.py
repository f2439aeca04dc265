"""Authentication and authorization of calls: the same checks in every service."""
