"""What is kept from whom: small groups, and what would give them away."""
