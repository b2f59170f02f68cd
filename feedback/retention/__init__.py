"""What we forget: whatever told who somebody was, at their wish."""
