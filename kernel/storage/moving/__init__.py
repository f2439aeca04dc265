"""Moving a store: copy it into another, back it up, restore it."""
