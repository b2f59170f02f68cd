"""Where administrators say what a brand looks like and what it says of privacy, and see both."""
