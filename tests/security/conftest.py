"""What attacks may ask for besides: the worlds of the sight matrix and of the browser's pages."""

from tests.browser.test_pages import places
from tests.test_sight_matrix import world

__all__ = ["places", "world"]
