"""The interface in other languages than its own English."""
