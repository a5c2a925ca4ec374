"""One row for one person in the packaged registry, and how the builder sees to it."""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from overt.screening.registry import Figure, read_figures
from overt.tables import data_path

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))

from figures_join import join_named, join_sources, keys, read_same

GROUPS = ("leaders", "us_congress", "us_states", "world", "celebrities", "known")


def row(identifier: str, name: str, source: str, office: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": identifier, "name": name, "names": [], "country": ["US"], "kind": "other",
        "offices": [{"title": office}] if office else [], "active": None, "prominence": 0,
        "source": source, "as_of": "2026", "_group": "world", **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return list(read_figures(data_path("figures", f"{group}.jsonl") for group in GROUPS))


def test_no_two_rows_of_a_country_share_a_whole_name(figures):
    """But for those known to be two people, and members of fifty legislatures."""
    _, different = read_same(data_path("figures", "same.tsv"))
    bearers: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.source == "openstates" and not figure.prominence:
            continue
        spellings = {figure.name, *(n.text for n in figure.names if n.kind != "nickname")}
        for key in {key for text in spellings for key in keys(text)}:
            bearers[key].append(figure)
    twice = {
        (one.id, other.id)
        for held in bearers.values()
        for one, other in combinations(held, 2)
        if set(one.country) & set(other.country) and frozenset({one.id, other.id}) not in different
    }
    assert not twice


def test_no_row_of_the_congress_is_left_as_a_state_legislator(figures):
    titles = {title for f in figures for title, _, _ in f.offices}
    assert not [t for t in titles if t.endswith(", US")]
    assert sum(f.name == "Nancy Pelosi" for f in figures) == 1


def test_names_that_are_equal_and_names_that_are_not():
    assert keys("J. D. Vance") & keys("JD Vance")
    assert not keys("Donald Trump Jr.") & keys("Donald Trump")
    assert keys("Angus S. King, Jr.", loose=True) & keys("Angus King")
    assert not keys("Renho")


def test_sources_are_joined_and_namesakes_are_not():
    rows = {
        r["id"]: r
        for r in (
            row("Q1", "Charles E. Quill", "us_congress", "U.S. Senator for OH", prominence=1),
            row("ocd:1", "Charles Quill", "openstates", "State senator, US"),
            row("ocd:2", "Charles Quill", "openstates", "State senator, OH"),
            row("Q2", "Ann Onymous", "ep_world"),
            row("uk-parl:1", "Ann Onymous", "uk_mp_lookup", "Member of Parliament", prominence=1),
            row("ep:9", "Ann Onymous", "ep_world"),
        )
    }
    join_sources(rows, {frozenset({"ep:9", "uk-parl:1"}), frozenset({"ep:9", "Q2"})})
    assert sorted(rows) == ["Q1", "Q2", "ep:9", "ocd:2"]
    assert rows["Q1"]["name"] == "Charles Quill"
    assert [n["text"] for n in rows["Q1"]["names"]] == ["Charles E. Quill"]
    assert [o["title"] for o in rows["Q1"]["offices"]] == ["U.S. Senator for OH"]
    assert (rows["Q2"]["prominence"], rows["Q2"]["source"]) == (1, "uk_mp_lookup")


def test_pairs_by_hand_wait_for_their_rows():
    rows = {r["id"]: r for r in (row("Q1", "Ann One", "a"), row("Q2", "Ann Won", "b"))}
    pairs = [("Q1", "Q2", "Annie"), ("Q1", "x:later", "")]
    assert join_named(rows, pairs) == [("Q1", "x:later", "")]
    assert rows["Q1"]["name"] == "Annie"
    assert {n["text"] for n in rows["Q1"]["names"]} == {"Ann One", "Ann Won"}
