"""What can be done from the shell."""
