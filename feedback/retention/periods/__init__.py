"""How long each class of data is kept, and the daily work of forgetting what is older."""
