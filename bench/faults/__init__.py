"""Experiments that break things on purpose, and count what the promises are worth."""
