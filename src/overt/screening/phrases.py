"""The tree of phrases behind a lexicon, which grows where a text goes.

A phrase is kept as it is written until a text comes to it: `a|b ~ c|d` is many variants, of nearly
a quarter of a million in all languages, and a text comes to few of them. A node that holds rests of
phrases makes the step that they begin with when it is first looked at.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from overt.screening.text import words

_OPENING = threading.Lock()
if hasattr(os, "register_at_fork"):  # a child must not inherit the lock of another thread
    os.register_at_fork(
        before=_OPENING.acquire,
        after_in_parent=_OPENING.release,
        after_in_child=_OPENING.release,
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    prefix: bool = False
    gap: bool = False


class End(NamedTuple):
    """What a phrase means; sorted, the phrases of one place come as they always did."""

    begins: int
    later: bool
    number: tuple[int, ...]
    concept: str
    language: str


class Rest(NamedTuple):
    """What is left of a phrase behind a node.

    `number` is its place in the lexicon and which of the alternatives were taken on the way;
    `begins` and `later` are for its `End`, and `pieces` tells how many words lie behind.
    """

    elements: tuple[str, ...]
    number: tuple[int, ...]
    concept: str
    language: str
    begins: int = 0
    later: bool = False
    pieces: int = 0

    def grow(self, node: Node) -> None:
        """Add the next element to the tree, and what comes behind it to where that leads."""
        for at, alternative in enumerate(_alternatives(self.elements[0])):
            if self.pieces == 0 and alternative[0].gap:
                continue
            begins, later, count, reached = self.begins, self.later, self.pieces, node
            for piece in alternative:
                if count == 0:
                    begins = len(piece.text) if piece.prefix else 0
                elif count == 1:
                    later = not piece.gap and not piece.prefix
                reached = reached.add(piece)
                count += 1
            number = (*self.number, at)
            if len(self.elements) > 1:
                rest = Rest(
                    self.elements[1:], number, self.concept, self.language, begins, later, count
                )
                reached.pending.append(rest)
            else:
                reached.ends += (End(begins, later, number, self.concept, self.language),)


_NONE: dict[str, Any] = {}


class Node:
    """Phrases that begin alike, by how they go on.

    A flood repeats a word that begins hundreds of phrases; in a tree it costs as much as any other.
    """

    __slots__ = ("ends", "exact", "gap", "lengths", "pending", "prefix")

    def __init__(self) -> None:
        # Most of the tens of thousands of nodes are leaves: one empty table serves them all.
        self.ends: tuple[End, ...] = ()
        self.exact: dict[str, Node] = _NONE
        self.prefix: dict[str, Node] = _NONE
        self.lengths: tuple[int, ...] = ()
        self.gap: Node | None = None
        self.pending: list[Rest] = []

    def open(self) -> None:
        """Let the phrases go on from here; nobody else comes to what lies behind meanwhile."""
        if not self.pending:
            return
        with _OPENING:
            for rest in self.pending:
                rest.grow(self)
            self.pending = []

    def add(self, piece: _Piece) -> Node:
        """The node behind a piece."""
        if piece.gap:
            self.gap = self.gap or Node()
            return self.gap
        if piece.prefix and len(piece.text) not in self.lengths:
            self.lengths = tuple(sorted((*self.lengths, len(piece.text))))
        if piece.prefix and self.prefix is _NONE:
            self.prefix = {}
        elif not piece.prefix and self.exact is _NONE:
            self.exact = {}
        held = self.prefix if piece.prefix else self.exact
        node = held.get(piece.text)
        if node is None:
            node = held[piece.text] = Node()
        return node

    def after(self, texts: Iterable[tuple[str, int]]) -> Iterator[tuple[Node, int]]:
        """Nodes behind one of `texts`, and where they go on."""
        exact, prefix = self.exact, self.prefix
        for text, until in texts:
            node = exact.get(text)
            if node is not None:
                yield node, until
            if prefix:
                size = len(text)
                for length in self.lengths:
                    if length > size:
                        break
                    node = prefix.get(text[:length])
                    if node is not None:
                        yield node, until


@lru_cache(maxsize=4096)
def _alternatives(element: str) -> tuple[tuple[_Piece, ...], ...]:
    """What an element may be: `a|b_c*` is the word a, or the word b and one that begins with c."""
    if element == "~":
        return ((_Piece("", gap=True),),)
    options: list[tuple[_Piece, ...]] = []
    for alternative in element.split("|"):
        prefix = alternative.endswith("*")
        parts = words(alternative.rstrip("*"))
        if parts:
            final = _Piece(parts[-1], prefix and len(parts[-1]) > 1)
            options.append((*(_Piece(p) for p in parts[:-1]), final))
    return tuple(options)
