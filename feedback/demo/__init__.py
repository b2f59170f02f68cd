"""A living organisation to look at: seeded, deterministic, and marked as demo data everywhere."""
