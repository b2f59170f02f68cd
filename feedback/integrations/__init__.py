"""Who tells us."""
