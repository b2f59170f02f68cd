"""One person, and everybody beside each other."""
