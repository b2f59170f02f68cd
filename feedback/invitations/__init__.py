"""Whom we ask, and when."""
