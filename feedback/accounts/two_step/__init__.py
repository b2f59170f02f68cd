"""The second step of signing in: a code from a phone, or one of ten kept for when it is lost."""
