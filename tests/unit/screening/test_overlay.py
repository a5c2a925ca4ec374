"""An overlay adds people, joins those whom the registry has, and says what is wrong with a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from overt.errors import ConfigError
from overt.models import Modality, ScreenContext
from overt.screening import PromptScreen
from overt.screening.index import Index
from overt.screening.overlay import read_overlay
from overt.screening.search import FigureSearch
from overt.screening.targets import find_figures
from overt.tables import data_path

TRUMP, SIMECKA = "Q22686", "x:sk-michal-simecka"
CONTEXT = ScreenContext(modality=Modality.IMAGE)
GOOD = {"id": "me:1", "name": "Zanna Miriloova"}


@pytest.fixture(scope="module")
def registry() -> Index:
    return Index(data_path("figures", "registry.idx"))


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "people.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def seen(screen: PromptScreen, text: str) -> list[tuple[Any, ...]]:
    """Figures of a text without their places."""
    return [
        (f.code, f.strength, f.figure.name, f.figure.kind, f.figure.country)
        for f in screen.screen(text, CONTEXT)
        if f.figure is not None
    ]


# --- lines that are wrong -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (GOOD | {"country": "US"}, "field country: expected is a list of ISO 3166-1 alpha-2"),
        (GOOD | {"country": ["usa"]}, "field country"),
        (GOOD | {"country": ["EU"]}, "field country"),
        (GOOD | {"country": ["UK"]}, "field country"),
        (GOOD | {"country": [7]}, "field country"),
        (GOOD | {"names": "Otto K"}, "field names: expected is a list of texts"),
        (GOOD | {"names": [{"kind": "alias"}]}, "field names"),
        (GOOD | {"names": [{"text": "Z", "sort": "alias"}]}, "field names"),
        (GOOD | {"names": [{"text": "Z", "kind": "nickame"}]}, "kind of a name: .* nickname"),
        (GOOD | {"kind": "wizard"}, "field kind: expected is one of .*legislator"),
        (GOOD | {"kind": ["other"]}, "field kind"),
        (GOOD | {"prominence": 9}, "field prominence: expected is a whole number from 0 to 3"),
        (GOOD | {"prominence": "2"}, "field prominence"),
        (GOOD | {"prominence": True}, "field prominence"),
        (GOOD | {"prominence": 2.9}, "field prominence"),
        (GOOD | {"active": "yes"}, "field active: expected is true or false"),
        (GOOD | {"dead_since": "1960"}, "field dead_since"),
        (GOOD | {"dead_since": 2999}, "field dead_since"),
        (GOOD | {"offices": [{"from": "2024"}]}, "field offices"),
        (GOOD | {"offices": [{"title": "mayor", "from": "lately"}]}, "field offices"),
        (GOOD | {"as_of": "2999-01-01"}, "field as_of: .* not in the future"),
        (GOOD | {"as_of": "lately"}, "field as_of"),
        (GOOD | {"aliases": ["Z"]}, "field aliases is not known: expected is one of id, name"),
        (GOOD | {"Zanna Miriloova": 1}, "a field is not known"),
        ({"id": "me:1"}, "field name: somebody whom the registry does not have needs one"),
        ({"id": "me:1", "name": " "}, "field name"),
        ({"id": 3, "name": "Zanna Miriloova"}, "field id"),
        ({"name": "Zanna Miriloova"}, "field id"),
        ([1], "the row: expected is an object"),
        ("{", "it is not JSON"),
        ("[" * 200_000, "it is (nested too deep|not JSON)"),
        ('{"id":"me:1","name":"Ann \\udc00"}', "characters that no text has"),
        ({"remove": ["Q22686"]}, "field remove: expected is the id of one person"),
        ({"remove": "Q22686", "name": "Z"}, "beside remove: .*why or note"),
        ({"remove": "Q99999999999"}, "nobody in the registry has the id"),
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_field_and_not_by_what_it_holds(
    row, told, tmp_path, registry
):
    path = written(tmp_path, {"id": "me:0", "name": "Orla Quist"}, "", row)
    with pytest.raises(ConfigError, match=rf"line 3: .*{told}|line 3: {told}") as caught:
        read_overlay(path, registry)
    assert "Miriloova" not in str(caught.value)


def test_a_file_of_one_wrong_line_has_it_on_line_1(tmp_path, registry):
    with pytest.raises(ConfigError, match="line 1: it is not JSON"):
        read_overlay(written(tmp_path, "x"), registry)


def test_a_missing_file_is_told_as_that(tmp_path, registry):
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        read_overlay(tmp_path / "absent.jsonl", registry)
    assert "line" not in caught.value.why


def test_comments_small_letters_and_nulls_are_fine(tmp_path, registry):
    path = written(
        tmp_path,
        GOOD | {"country": ["us", "SK"], "active": None, "note": "asked for by the newsroom"},
        {"remove": TRUMP, "why": "on request"},
        {"remove": SIMECKA, "note": "on request"},
    )
    overlay = read_overlay(path, registry)
    (figure,) = overlay.people
    assert figure.country == ("US", "SK")
    assert figure.prominence == 2
    assert overlay.removed == {TRUMP, SIMECKA}


# --- people whom the registry has -----------------------------------------------------------------


@pytest.fixture(scope="module")
def joined(tmp_path_factory) -> Path:
    return written(
        tmp_path_factory.mktemp("joined"),
        {"id": SIMECKA, "names": ["Zlatoslav Hrdina"]},
        {"id": TRUMP, "name": "Donald Trump", "names": ["Quelbert Trumpeldor", "Quelbert Trump"]},
        GOOD,
    )


@pytest.fixture(scope="module")
def joined_screen(joined) -> PromptScreen:
    return PromptScreen.bundled(overlay=joined, intent_model=False)


def test_an_added_name_is_the_same_person(joined_screen, screen):
    one = seen(joined_screen, "photo of Zlatoslav Hrdina waving")
    assert one == seen(screen, "photo of Michal Šimečka waving")
    assert one[0][3:] == ("party_leader", ("SK",))


@pytest.mark.parametrize(
    "text",
    [
        "photo of Michal Šimečka waving", "photo of Donald Trump in jail", "Trump rally at night",
        "photo of Donald Trump Jr. waving", "photo of Melania Trump waving", "D0nald Trvmp",
        "president Trump takes a bribe", "Дональд Трамп", "Make America Great Again rally",
        "photo of Joe Biden", "a cat on a sofa",
    ],
)  # fmt: skip
def test_names_known_before_are_found_as_before(text, joined_screen, screen):
    assert seen(joined_screen, text) == seen(screen, text)


def test_a_person_is_found_once_where_both_names_meet(joined_screen):
    for name in ("Quelbert Trump", "Quelbert Trumpeldor"):
        (found,) = seen(joined_screen, f"photo of {name} in jail")
        assert found[0] == TRUMP


def test_a_person_is_listed_and_counted_once(joined):
    search, plain = FigureSearch(overlay=joined), FigureSearch()
    for name in ("Donald Trump", "Quelbert Trumpeldor"):
        assert [one["id"] for one in search.search(name)].count(TRUMP) == 1
    best = search.search("Zlatoslav Hrdina")[0]
    assert (best["id"], best["kind"], best["country"]) == (SIMECKA, "party_leader", ["SK"])
    assert search.search("miriloova")[0]["id"] == "me:1"
    now, before = search.stats(), plain.stats()
    assert now["people"] == before["people"] + 1
    assert (now["added"], now["changed"], now["removed"]) == (1, 2, 0)
    assert now["names"] == before["names"] + 4
    assert now["countries"] == before["countries"]


def test_removed_people_do_not_count(tmp_path):
    search = FigureSearch(overlay=written(tmp_path, {"remove": TRUMP}))
    assert search.stats()["people"] == FigureSearch().stats()["people"] - 1
    assert TRUMP not in {one["id"] for one in search.search("Donald Trump")}


def test_the_size_of_a_screen_counts_each_person_once(joined_screen, screen):
    assert joined_screen.size == screen.size + 1


def test_the_red_team_has_all_names_of_a_joined_person(joined):
    (before,), (now,) = find_figures([TRUMP]), find_figures([TRUMP], overlay=joined)
    assert set(now.names) > set(before.names)
    assert (now.country, now.kind, now.offices) == (before.country, before.kind, before.offices)
    assert find_figures(["Quelbert Trumpeldor"], overlay=joined) == [now]


def test_fields_that_a_row_gives_stand_and_others_are_kept(tmp_path, registry):
    path = written(
        tmp_path,
        {"id": SIMECKA, "name": "Zlatoslav Hrdina", "prominence": 0, "kind": "minister"},
        {"id": SIMECKA, "names": ["Hrdina Zlatý"], "country": ["CZ"]},
    )
    (figure,) = read_overlay(path, registry).people
    place = registry.find(SIMECKA)
    assert place is not None
    before = registry.row(place)
    assert (figure.name, figure.kind, figure.country) == ("Zlatoslav Hrdina", "minister", ("CZ",))
    texts = {name.text for name in figure.names}
    assert texts >= {before["name"], "Hrdina Zlatý", *(n["text"] for n in before["names"])}
    assert figure.source == before["source"]
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    assert screen.name_of(SIMECKA) == "Zlatoslav Hrdina"
    (found,) = seen(screen, "photo of Michal Šimečka waving")
    assert found[1].value == "weak"
    assert found[2:] == ("Zlatoslav Hrdina", "minister", ("CZ",))


def test_a_removed_person_with_a_row_is_what_the_row_says(tmp_path):
    row = {"id": TRUMP, "name": "Zanna Miriloova"}
    path = written(tmp_path, {"remove": TRUMP}, row)
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    assert [one[2] for one in seen(screen, "photo of Zanna Miriloova")] == ["Zanna Miriloova"]
    assert TRUMP not in {one[0] for one in seen(screen, "photo of Donald Trump in jail")}


def test_somebody_new_is_found_beside_a_namesake_of_the_registry(tmp_path):
    path = written(tmp_path, {"id": "me:2", "name": "Robert Fico", "country": ["US"]})
    screen = PromptScreen.bundled(overlay=path, intent_model=False)
    found = {one[0] for one in seen(screen, "photo of Robert Fico waving")}
    assert "me:2" in found
    assert len(found) == 2
