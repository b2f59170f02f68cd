"""Which groups are too small to show, and which would give them away by subtraction."""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def hidden_groups(
    sizes: Mapping[Key, int],
    least: int,
    *,
    besides: Collection[Key] = (),
    known: Collection[Key] = (),
) -> set[Key]:
    """Return the groups to hide: those under `least`, and the next smallest where one stands alone.

    A total less all groups shown is what the hidden ones add up to. So as long as what is hidden
    adds up to fewer than `least` answers, or is one group only, the smallest of those shown is
    hidden too. Groups without answers hide nothing and need no hiding. Those `besides` are hidden
    already for another reason; those `known` are the reader's own, shown whatever their size, and
    hiding behind them is no hiding.
    """
    filled = {key: size for key, size in sizes.items() if size > 0 and key not in known}
    hidden = {key for key, size in filled.items() if size < least or key in besides}
    if not hidden:
        return set()
    shown = sorted((size, str(key), key) for key, size in filled.items() if key not in hidden)
    for _size, _name, key in shown:
        if len(hidden) > 1 and sum(filled[one] for one in hidden) >= least:
            break
        hidden.add(key)
    return hidden
