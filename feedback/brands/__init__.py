"""Who asks: the brands customers know, what they look like, and what each says of privacy."""
