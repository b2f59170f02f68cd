"""Attacks on the product, long enough for figures: `python -m bench.attacks --help`."""
