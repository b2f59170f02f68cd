"""Where we meet them."""
