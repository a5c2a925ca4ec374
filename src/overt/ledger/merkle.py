"""The Merkle tree of RFC 9162, as arithmetic: no storage, no clock.

A tree of `size` leaves is kept as the roots of its complete subtrees. `frontier` is their list for
the whole tree, left to right; `Node` (level, index) names one of them: it covers the leaves from
`index << level` on, `1 << level` of them.

Source: RFC 9162, section 2.1. The verifier in `overt.ledger.verify` shares no code with this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Node = tuple[int, int]
Lookup = Callable[[Node], bytes]

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(body: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(size: int, frontier: list[bytes], leaf: bytes) -> list[tuple[Node, bytes]]:
    """Add a leaf to `frontier`, in place, and return the complete subtrees that it finished."""
    finished: list[tuple[Node, bytes]] = []
    level, index = 0, size
    while index & 1:
        leaf = node_hash(frontier.pop(), leaf)
        level, index = level + 1, index >> 1
        finished.append(((level, index), leaf))
    frontier.append(leaf)
    return finished


def fold(frontier: Sequence[bytes]) -> bytes:
    """Root of a tree from its frontier."""
    if not frontier:
        return EMPTY
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def frontier_nodes(size: int) -> list[Node]:
    """Names of the complete subtrees that a tree of `size` leaves consists of."""
    names, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            names.append((level, start >> level))
            start += 1 << level
    return names


def root_at(size: int, lookup: Lookup) -> bytes:
    """Root of the first `size` leaves."""
    return fold([lookup(name) for name in frontier_nodes(size)])


def inclusion(index: int, size: int, lookup: Lookup) -> list[bytes]:
    """Audit path of leaf `index` in a tree of `size`, lowest sibling first.

    Raises:
        ValueError: There is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, lookup))
            high = middle
        else:
            path.append(_range(low, middle, lookup))
            low = middle
    path.reverse()
    return path


def consistency(old: int, new: int, lookup: Lookup) -> list[bytes]:
    """Proof that the tree of `old` leaves is a beginning of the tree of `new`.

    Raises:
        ValueError: Not `0 < old <= new`.
    """
    if not 0 < old <= new:
        raise ValueError("no such pair of sizes")
    if old == new:
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, lookup))
            high = middle
        else:
            path.append(_range(low, middle, lookup))
            low, whole = middle, False
    if not whole:
        path.append(_range(low, high, lookup))
    path.reverse()
    return path


def _split(count: int) -> int:
    """Largest power of two below `count`, which is 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(low: int, high: int, lookup: Lookup) -> bytes:
    """Root over the leaves from `low` to before `high`; `low` is where a subtree starts."""
    parts = [lookup((level, (low + start) >> level)) for level, start in _pieces(high - low)]
    return fold(parts)


def _pieces(count: int) -> list[tuple[int, int]]:
    pieces, start = [], 0
    for level in range(count.bit_length() - 1, -1, -1):
        if count >> level & 1:
            pieces.append((level, start))
            start += 1 << level
    return pieces
