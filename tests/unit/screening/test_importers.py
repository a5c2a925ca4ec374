"""Importers read the real shapes of each format, count what is bad, and keep the licence."""

from __future__ import annotations

import io
import json

import pytest

from overt.errors import ConfigError
from overt.screening.importers import IMPORTERS, Problem, run_import
from overt.screening.index import Index
from overt.screening.registry import Figure
from overt.screening.search import FigureSearch

SPARQL = {
    "head": {"vars": ["item", "label", "cc"]},
    "results": {
        "bindings": [
            {
                "item": {"type": "uri", "value": "http://www.wikidata.org/entity/Q6279"},
                "label": {"xml:lang": "en", "type": "literal", "value": "Joe Biden"},
                "cc": {"type": "literal", "value": "us"},
                "posLabel": {"type": "literal", "value": "President"},
                "start": {"type": "literal", "value": "2021-01-20T00:00:00Z"},
            },
            {
                "item": {"type": "uri", "value": "http://www.wikidata.org/entity/Q6279"},
                "label": {"xml:lang": "ru", "type": "literal", "value": "Джо Байден"},
            },
            {"item": {"type": "bnode", "value": "b1"}},
        ]
    },
}
WB = {
    "entities": {
        "Q7747": {
            "labels": {"en": {"language": "en", "value": "Vladimir Putin"}},
            "aliases": {"en": [{"language": "en", "value": "Vladimir Vladimirovich Putin"}]},
            "claims": {
                "P39": [
                    {
                        "rank": "preferred",
                        "mainsnak": {
                            "snaktype": "value",
                            "datavalue": {"value": {"id": "Q218295"}},
                        },
                        "qualifiers": {
                            "P580": [
                                {
                                    "snaktype": "value",
                                    "datavalue": {
                                        "value": {"time": "+2012-05-07T00:00:00Z", "precision": 11}
                                    },
                                }
                            ]
                        },
                    },
                    {"rank": "normal", "mainsnak": {"snaktype": "somevalue"}},
                ],
                "P570": [{"mainsnak": {"snaktype": "novalue"}}],
            },
        },
        "Q1": {"missing": ""},
    }
}
FTM = (
    '{"id":"NK-1","caption":"Maria Osetrova","schema":"Person","properties":{"name":["OSETROVA, '
    'Maria","Мария Осетрова"],"country":["ru"],"topics":["role.pep"],"birthDate":["1988"]}}\n'
    '{"id":"occ-1","caption":"x","schema":"Occupancy","properties":{"holder":["NK-1"]}}\n'
    "not json\n"
)
CSV = (
    "id,schema,name,aliases,birth_date,countries,dataset\n"
    'NK-2,Person,Ana Petrov,"Anna Petrova;""Petrov; Ana""",1970,bg;ro,peps\n'
    "NK-3,Company,Firm,,,,x\n"
    "NK-4,Person,,,,,x\n"
)
POPOLO = {
    "persons": [
        {
            "id": "u1",
            "name": "Zoe Quill",
            "other_names": [{"name": "Zoë Quill", "lang": "fr"}],
            "identifiers": [{"scheme": "wikidata", "identifier": "Q42"}],
        },
        {"name": 3},
    ]
}
CASES = {
    "sparql": (json.dumps(SPARQL), "Q6279", "Joe Biden", 1),
    "wbgetentities": (json.dumps(WB), "Q7747", "Vladimir Putin", 1),
    "opensanctions": (FTM, "NK-1", "Maria Osetrova", 1),
    "targets-simple": (CSV, "NK-2", "Ana Petrov", 1),
    "popolo": (json.dumps(POPOLO), "Q42", "Zoe Quill", 1),
    "jsonl": ('{"id":"x:1","name":"Al Quill"}\n{"id":2}\n', "x:1", "Al Quill", 1),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_format(kind):
    text, identifier, name, bad = CASES[kind]
    found = list(IMPORTERS[kind](io.BytesIO(text.encode()), "src", "2026-11-21"))
    figures = [f for f in found if isinstance(f, Figure)]
    assert [(f.id, f.name) for f in figures] == [(identifier, name)]
    assert sum(isinstance(f, Problem) for f in found) == bad
    assert figures[0].source == "src"


def test_details_survive():
    (figure,) = [
        f
        for f in IMPORTERS["sparql"](io.BytesIO(json.dumps(SPARQL).encode()), "wd", "2026-11-21")
        if isinstance(f, Figure)
    ]
    assert figure.country == ("US",)
    assert figure.offices == (("President", "2021-01-20", None),)
    assert {n.text for n in figure.names} == {"Джо Байден"}
    (put,) = [
        f
        for f in IMPORTERS["wbgetentities"](io.BytesIO(json.dumps(WB).encode()), "wd", "2026")
        if isinstance(f, Figure)
    ]
    assert put.offices == (("Q218295", "2012-05-07", None),)


def test_csv_splits_nested_cells():
    (figure,) = [
        f
        for f in IMPORTERS["targets-simple"](io.BytesIO(CSV.encode()), "os", "2026-11-21")
        if isinstance(f, Figure)
    ]
    assert {n.text for n in figure.names} == {"Anna Petrova", "Petrov; Ana"}
    assert figure.country == ("BG", "RO")
    assert figure.licence == "CC-BY-NC-4.0"


def test_import_writes_an_index_that_is_found(tmp_path):
    out = tmp_path / "mine.idx"
    rows = "".join(f'{{"id":"x:{n}","name":"Person Number{n}"}}\n' for n in range(20)) + "bad\n"
    counts = run_import("jsonl", io.BytesIO(rows.encode()), out, source="mine", as_of="2026-11-21")
    assert (counts.kept, counts.bad) == (20, 1)
    assert Index(out).size == 20
    assert FigureSearch(out).search("person number7")[0]["id"] == "x:7"


def test_a_bad_list_leaves_the_old_index(tmp_path):
    out = tmp_path / "mine.idx"
    run_import("jsonl", io.BytesIO(b'{"id":"a","name":"Old One"}'), out, source="s", as_of="2026")
    before = out.read_bytes()
    with pytest.raises(ConfigError, match="old index stays"):
        run_import("jsonl", io.BytesIO(b"x\ny\n"), out, source="s", as_of="2026")
    with pytest.raises(ConfigError, match="cannot be read"):
        run_import("sparql", io.BytesIO(b'{"results": '), out, source="s", as_of="2026")
    with pytest.raises(ConfigError, match="not known"):
        run_import("xlsx", io.BytesIO(b""), out, source="s", as_of="2026")
    assert out.read_bytes() == before


def test_search_and_stats_of_the_bundle():
    search = FigureSearch()
    assert search.search("Michal Simecka")[0]["id"] == "x:sk-michal-simecka"
    assert search.search("عمران خان")[0]["name"] == "Imran Khan"
    stats = search.stats()
    assert stats["people"] > 15_000
    assert stats["kinds"]["head_of_state"] > 200
    assert set(stats["sources"]) <= {
        "us_congress", "openstates", "factbook2026", "wl2022", "ep_world", "corpora_cc0",
        "curated", "uk_mp_lookup", "jp_councillors",
    }  # fmt: skip


def test_a_damaged_index_is_refused(tmp_path):
    broken = tmp_path / "broken.idx"
    broken.write_bytes(b"OVRTFIG1\xff\xff\xff\xff")
    with pytest.raises(ConfigError):
        Index(broken)
    with pytest.raises(ConfigError):
        Index(tmp_path / "absent.idx")


def test_overlay_adds_and_removes(tmp_path):
    from overt.models import Modality, ScreenContext
    from overt.screening import PromptScreen

    overlay = tmp_path / "mine.jsonl"
    overlay.write_text(
        '{"id":"me:1","name":"Zebulon Quartermain","country":["US"]}\n{"remove":"Q6279"}\n'
    )
    screen = PromptScreen.bundled(overlay=overlay, intent_model=False)
    context = ScreenContext(modality=Modality.IMAGE)
    found = screen.screen("photo of Zebulon Quartermain and Joe Biden", context)
    assert {f.code for f in found if f.figure} == {"me:1"}
    overlay.write_text('{"id": 3}')
    with pytest.raises(ConfigError, match="overlay"):
        PromptScreen.bundled(overlay=overlay, intent_model=False)
