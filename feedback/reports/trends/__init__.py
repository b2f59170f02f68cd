"""What changes over time, and what happened meanwhile."""
