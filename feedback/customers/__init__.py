"""What customers decide: which mails they want, in which language, and what we hold about them."""
