"""Invariants of the Merkle tree, the canonical bytes and the verifier, for any input."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overt.errors import StageError, VerificationError
from overt.ledger import merkle
from overt.ledger.entries import FIELDS, encode
from overt.ledger.verify import leaf, verify_consistency, verify_inclusion

AT = datetime(2026, 3, 1, tzinfo=UTC)


def tree(bodies: list[bytes]) -> tuple[bytes, merkle.Lookup]:
    frontier: list[bytes] = []
    found: dict[merkle.Node, bytes] = {}
    for index, body in enumerate(bodies):
        found[0, index] = merkle.leaf_hash(body)
        found.update(merkle.grow(index, frontier, found[0, index]))
    return merkle.fold(frontier), found.__getitem__


def textbook(bodies: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word by word."""
    if not bodies:
        return merkle.EMPTY
    if len(bodies) == 1:
        return merkle.leaf_hash(bodies[0])
    k = 2 ** math.ceil(math.log2(len(bodies)) - 1)
    return merkle.node_hash(textbook(bodies[:k]), textbook(bodies[k:]))


bodies = st.lists(st.binary(max_size=4), max_size=70)


@given(bodies)
def test_the_root_is_the_textbooks(leaves: list[bytes]) -> None:
    root, lookup = tree(leaves)
    assert root == textbook(leaves)
    assert all(
        merkle.root_at(size, lookup) == textbook(leaves[:size])
        for size in range(0, len(leaves) + 1, 5)
    )


@given(bodies.filter(bool), st.data())
def test_inclusion_holds_and_nothing_else_does(leaves: list[bytes], data: st.DataObject) -> None:
    root, lookup = tree(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.inclusion(index, len(leaves), lookup)
    verify_inclusion(leaves[index], index, len(leaves), path, root)
    assert leaf(leaves[index]) == lookup((0, index))
    with pytest.raises(VerificationError):
        verify_inclusion(leaves[index] + b"!", index, len(leaves), path, root)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        broken = [*path[:place], bytes(32), *path[place + 1 :]]
        with pytest.raises(VerificationError):
            verify_inclusion(leaves[index], index, len(leaves), broken, root)
        with pytest.raises(VerificationError):
            verify_inclusion(leaves[index], index, len(leaves), path[:-1], root)
    with pytest.raises(VerificationError):
        verify_inclusion(leaves[index], index, len(leaves), [*path, bytes(32)], root)


@given(bodies.filter(bool), st.data())
def test_a_log_that_grew_is_consistent_and_one_that_changed_is_not(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    root, lookup = tree(leaves)
    path = merkle.consistency(old, len(leaves), lookup)
    before = textbook(leaves[:old])
    verify_consistency(old, before, len(leaves), root, path)
    place = data.draw(st.integers(0, old - 1))
    changed = textbook([*leaves[:place], leaves[place] + b"!", *leaves[place + 1 : old]])
    with pytest.raises(VerificationError):
        verify_consistency(old, changed, len(leaves), root, path)


WORDS = st.text("abcXYZ019._:/+@=-", min_size=1, max_size=40)
VALUES = st.one_of(
    WORDS,
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.booleans(),
    st.lists(WORDS, max_size=5),
)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS - {"type", "id", "at", "v"})), VALUES))
def test_an_entry_comes_back_as_it_was(fields: dict[str, object]) -> None:
    body = encode({"type": "decision", "id": "x", "at": AT, **fields})
    value = json.loads(body)
    assert {key: value[key] for key in fields} == fields
    assert body.isascii()
    assert b" " not in body


@given(st.text(min_size=1).filter(lambda text: not text.isascii() or " " in text))
def test_no_prose_gets_in(text: str) -> None:
    with pytest.raises(StageError) as caught:
        encode({"type": "decision", "id": "x", "at": AT, "code": text})
    assert len(text) < 4 or text not in str(caught.value)
