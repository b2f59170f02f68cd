"""Which groups are too small to show, and which would give them away by subtraction."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def hidden_groups(sizes: Mapping[Key, int], least: int) -> set[Key]:
    """Return the groups to hide: those under `least`, and the next smallest where one stands alone.

    A total less all groups shown is what the hidden ones add up to. So as long as what is hidden
    adds up to fewer than `least` answers, or is one group only, the smallest of those shown is
    hidden too. Groups without answers hide nothing and need no hiding.
    """
    filled = {key: size for key, size in sizes.items() if size > 0}
    hidden = {key for key, size in filled.items() if size < least}
    if not hidden:
        return set()
    shown = sorted((size, str(key), key) for key, size in filled.items() if key not in hidden)
    for _size, _name, key in shown:
        if len(hidden) > 1 and sum(filled[one] for one in hidden) >= least:
            break
        hidden.add(key)
    return hidden
