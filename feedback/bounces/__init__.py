"""Mail that comes back: which of ours it is, what it says, and whom it keeps us from writing to."""
