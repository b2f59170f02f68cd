"""The same customers, right after and thirty days later."""
