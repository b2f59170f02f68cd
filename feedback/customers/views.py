"""The customers' own addresses: their preferences, and everything held about them."""

from feedback.customers import own_views, preferences_views
from feedback.customers.doorway import blueprint

__all__ = ["blueprint", "own_views", "preferences_views"]
