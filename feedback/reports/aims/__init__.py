"""Targets, whether they are met, and what they would do."""
