"""Importers read the real shapes of each format, count what is bad, and keep the licence."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from overt.errors import ConfigError
from overt.screening.importers import IMPORTERS, Problem, run_import
from overt.screening.index import Index
from overt.screening.pinyin import pinyin
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
        "curated", "uk_mp_lookup", "jp_councillors", "general_knowledge",
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


class Poured(io.RawIOBase):
    """A file that is never whole in memory: its parts are made as they are read."""

    def __init__(self, parts: Iterator[str]) -> None:
        self._parts, self._held = parts, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._held and (part := next(self._parts, None)) is not None:
            self._held = part.encode()
        taken = min(len(buffer), len(self._held))
        buffer[:taken] = self._held[:taken]
        self._held = self._held[taken:]
        return taken


PADDING = "x" * 2_000


def big(kind: str, people: int) -> Iterator[str]:
    before, after = {
        "sparql": ('{"results":{"bindings":[', "]}}"),
        "wbgetentities": ('{"entities":{', "}}"),
        "popolo": ('{"persons":[', "]}"),
        "targets-simple": ("id,schema,name,note\n", ""),
    }.get(kind, ("", ""))
    yield before
    for n in range(people):
        name, item = f"Ann Number{n}", f"Q{n + 1}"
        row = {
            "sparql": {
                "item": {"value": f"http://www.wikidata.org/entity/{item}"},
                "label": {"value": name},
                "note": PADDING,
            },
            "wbgetentities": {"labels": {"en": {"value": name}}, "note": PADDING},
            "popolo": {"id": item, "name": name, "note": PADDING},
            "opensanctions": {
                **{"id": item, "caption": name, "schema": "Person", "note": PADDING},
                "properties": {"topics": ["role.pep"]},
            },
            "jsonl": {"id": item, "name": name, "note": PADDING},
        }.get(kind)
        comma = "," if n else ""
        yield {
            "sparql": f"{comma}{json.dumps(row)}",
            "popolo": f"{comma}{json.dumps(row)}",
            "wbgetentities": f'{comma}"{item}":{json.dumps(row)}',
            "targets-simple": f"{item},Person,{name},{PADDING}\n",
        }.get(kind, f"{json.dumps(row)}\n")
    yield after


def peak(kind: str, people: int) -> int:
    tracemalloc.start()
    try:
        read = IMPORTERS[kind](io.BufferedReader(Poured(big(kind, people))), "s", "2026-11-21", 1)
        assert sum(isinstance(found, Figure) for found in read) == people
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", CASES)
def test_memory_does_not_grow_with_the_list(kind):
    peak(kind, 10)  # what is loaded once
    small, large = peak(kind, 200), peak(kind, 3_000)
    assert large - small < 500_000, f"{small} bytes for 200 people, {large} for 3,000"


@pytest.mark.parametrize("kind", CASES)
def test_a_damaged_list_is_an_error_or_a_count_and_never_a_traceback(kind, tmp_path):
    whole = CASES[kind][0].encode()
    chance = random.Random(kind)
    damaged = [whole[:cut] for cut in range(0, len(whole), 5)]
    for _ in range(200):
        at = chance.randrange(len(whole))
        piece = chance.choice([b"", b"\xff", b"\x00", b'"', b"{", b"]", b"null", b"[[", b"7"])
        damaged.append(whole[:at] + piece + whole[at + chance.randrange(9) :])
    told = set()
    for text in damaged:
        try:
            counts = run_import(
                kind, io.BytesIO(text), tmp_path / "a.idx", source="s", as_of="2026-11-21"
            )
        except ConfigError as error:
            told.add(error.code)
        else:
            assert counts.kept
            Index(tmp_path / "a.idx")
    assert told <= {"screening.import_bad", "screening.import_unreadable"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sparql", '{"results":{"bindings":[' + "[" * 200_000),
        ("sparql", '{"results":{"bindings":[' + "9" * 5_000 + "]}}"),
        ("popolo", '{"persons":[{"id":"1","name":"\\udc00 Ann"}]}'),
        ("jsonl", "[" * 200_000),
        ("jsonl", '{"id":"a","name":"Ann \\udc00"}'),
        ("jsonl", '{"id":"a","name":"Ann Onymous","prominence":1e999}'),
        ("jsonl", '{"id":"a","name":"Ann Onymous","as_of":"lately"}'),
        ("wbgetentities", "\ufeff{}"),
        ("targets-simple", 'id,schema,name\n1,Person,"' + "x" * 200_000),
        ("opensanctions", ""),
    ],
)
def test_hostile_rows_end_in_one_line(kind, text, tmp_path):
    with pytest.raises(ConfigError, match=r"screening\.import_"):
        run_import(kind, io.BytesIO(text.encode()), tmp_path / "a.idx", source="s", as_of="2026")


def test_a_list_that_is_cut_short_says_where(tmp_path):
    cut = "".join(big("popolo", 30))[:-1_000].encode()
    with pytest.raises(ConfigError, match="cut short or no JSON, after 29 records"):
        run_import("popolo", io.BytesIO(cut), tmp_path / "a.idx", source="s", as_of="2026")


def test_rows_of_one_person_may_stand_anywhere_and_pages_follow_each_other():
    rows = SPARQL["results"]["bindings"]
    other = [
        {
            "item": {"value": f"http://www.wikidata.org/entity/Q{n}"},
            "label": {"value": f"Ann Number{n}"},
        }
        for n in range(1, 4)
    ]
    pages = [[rows[0], *other], [rows[1]]]
    text = "\n".join(json.dumps({"results": {"bindings": page}}) for page in pages)
    found = list(IMPORTERS["sparql"](io.BytesIO(text.encode()), "wd", "2026-11-21", 1))
    assert found.count(None) == 1
    found = [f for f in found if f is not None]
    assert sorted(f.name for f in found) == [
        "Ann Number1",
        "Ann Number2",
        "Ann Number3",
        "Joe Biden",
    ]
    (biden,) = [f for f in found if f.id == "Q6279"]
    assert [n.text for n in biden.names] == ["Джо Байден"]


def test_a_repeated_id_and_a_line_without_end_are_bad_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("overt.screening.streams.LONGEST_LINE", 1_000)
    rows = [json.dumps({"id": f"x:{n}", "name": f"Ann Number{n}"}) for n in range(20)]
    text = "\n".join([*rows, rows[3], " " * 3_000 + rows[4], '{"id":"x:z","name":"Zoe Quill"}'])
    out = tmp_path / "a.idx"
    counts = run_import("jsonl", io.BytesIO(text.encode()), out, source="s", as_of="2026")
    assert (counts.kept, counts.bad) == (21, 2)
    assert {p.why for p in counts.problems} == {
        "too long", "has an id that came before",
    }  # fmt: skip
    assert [p.row for p in counts.problems] == [21, 22]


@pytest.mark.parametrize(("links", "fame"), [(None, 1), (0, 0), (2, 0), (3, 1), (20, 2), (150, 3)])
def test_how_well_known_somebody_is_comes_from_the_list(links, fame):
    entity = {"labels": {"en": {"value": "Ann Onymous"}}}
    row = {
        "item": {"value": "http://www.wikidata.org/entity/Q1"},
        "label": {"value": "Ann Onymous"},
    }
    if links is not None:
        entity["sitelinks"] = {f"{n}wiki": {} for n in range(links)}
        row["sitelinks"] = {"value": str(links)}
    for kind, document in (
        ("wbgetentities", {"entities": {"Q1": entity}}),
        ("sparql", {"results": {"bindings": [row]}}),
    ):
        text = json.dumps(document).encode()
        (figure,) = IMPORTERS[kind](io.BytesIO(text), "wd", "2026-11-21", 1)
        assert figure.prominence == fame


def test_topics_of_office_holders_are_read_with_their_levels():
    topics = ["role.pep.natl", "gov.head", "role.rca", "sanction", "role.pep.frmr"]
    text = "\n".join(
        json.dumps(
            {
                **{"id": topic, "caption": f"Ann Number{n}", "schema": "Person"},
                "properties": {"topics": [topic]},
            }
        )
        for n, topic in enumerate(topics)
    )
    found = list(IMPORTERS["opensanctions"](io.BytesIO(text.encode()), "os", "2026-11-21", 0))
    assert [f and (f.id, f.prominence) for f in found] == [
        ("role.pep.natl", 0), ("gov.head", 2), None, None, ("role.pep.frmr", 0),
    ]  # fmt: skip


def test_a_date_that_is_none_is_told(tmp_path):
    with pytest.raises(ConfigError, match="import_date"):
        run_import("jsonl", io.BytesIO(b""), tmp_path / "a", source="s", as_of="yesterday")


def test_an_index_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match="import_write"):
        run_import(
            "jsonl", io.BytesIO(b'{"id":"a","name":"Old One"}'), tmp_path / "no" / "a.idx",
            source="s", as_of="2026",
        )  # fmt: skip


LIST = {
    "entities": {
        **{
            f"Q{n}": {"labels": {"en": {"value": name}}}
            for n, name in enumerate(
                ["John Smith", "José R. García", "Иванов Иван", "Zebulon Quartermain",
                 "Orla Quist", "Orla Quist", "Ashby Quist"], 1
            )
        },
        "Q90": {
            "labels": {"en": {"value": "Will Turner"}},
            "sitelinks": {f"{n}wiki": {} for n in range(9)},
        },
    }
}  # fmt: skip


def test_an_imported_name_that_very_many_bear_acts_in_context_only(tmp_path):
    from overt.models import Modality, ScreenContext, Strength
    from overt.screening import PromptScreen

    out = tmp_path / "mine.idx"
    text = json.dumps(LIST).encode()
    run_import("wbgetentities", io.BytesIO(text), out, source="wd", as_of="2026-11-21")
    screen = PromptScreen.bundled(index=out, intent_model=False)
    context = ScreenContext(modality=Modality.IMAGE)

    def acts(prompt: str) -> bool:
        found = [f for f in screen.screen(prompt, context) if f.figure]
        assert found, prompt
        return any(f.strength is Strength.STRONG for f in found)

    for name in ("John Smith", "José García", "Иван Иванов", "Orla Quist"):
        assert not acts(f"A portrait of {name} in a garden"), name
        assert acts(f"The voice of {name} telling people to stay at home on election day"), name
    for name in ("Zebulon Quartermain", "Ashby Quist", "Will Turner"):
        assert acts(f"A portrait of {name} in a garden"), name


def test_who_asks_for_more_gets_it(tmp_path):
    out = tmp_path / "mine.idx"
    text = json.dumps(LIST).encode()
    run_import(
        "wbgetentities", io.BytesIO(text), out, source="wd", as_of="2026-11-21", prominence=2
    )
    index = Index(out)
    number = index.find("Q1")
    assert number is not None
    assert index.prominence(number) == 2


def test_every_field_of_a_row_is_used_and_comments_are_passed_over(tmp_path):
    """A row survives the way to the index and back; what no screen reads is not kept."""
    row = {
        "id": "x:1", "name": "Zoe Quill", "names": [{"text": "Zoë Quill", "kind": "alias"}],
        "country": ["FR"], "kind": "minister", "offices": [{"title": "Minister", "from": "2024"}],
        "active": True, "prominence": 1, "dead_since": 2025, "source": "s", "as_of": "2026",
        "licence": "CC0-1.0",
    }  # fmt: skip
    out = tmp_path / "a.idx"
    text = json.dumps(row | {"note": "asked for by the newsroom", "why": ["elections"]})
    run_import("jsonl", io.BytesIO(text.encode()), out, source="s", as_of="2026")
    assert Index(out).row(0) == row


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("习近平", "Xi Jinping"),
        ("習近平", "Xi Jinping"),
        ("欧阳修远", "Ouyang Xiuyuan"),
        ("单伟建", "Shan Weijian"),
        ("曾庆红", "Zeng Qinghong"),
        ("司马南", "Sima Nan"),
        ("蓮舫さん", None),
        ("唐纳德·特朗普", None),
        ("Ann Onymous", None),
    ],
)
def test_chinese_names_in_latin_letters(name, spelled):
    pytest.importorskip("pypinyin")
    assert pinyin(name) == spelled


def test_an_imported_chinese_name_is_found_in_latin_letters(tmp_path, monkeypatch):
    pytest.importorskip("pypinyin")
    people = [
        {"id": "1", "name": "陈吉宁宁"},
        {"id": "2", "name": "李玮"},
        {"id": "3", "name": "高市早苗", "other_names": [{"name": "たかいち さなえ"}]},
        {"id": "4", "name": "馬英九九", "other_names": [{"name": "Ma Ying-jeou"}]},
    ]
    text = json.dumps({"persons": people}).encode()

    def spellings() -> list[list[str]]:
        found = IMPORTERS["popolo"](io.BytesIO(text), "s", "2026-11-21", 1)
        return [[n.text for n in f.names] for f in found]

    assert spellings() == [["Chen Jiningning"], [], ["たかいち さなえ"], ["Ma Ying-jeou"]]
    run_import("popolo", io.BytesIO(text), tmp_path / "a.idx", source="s", as_of="2026")
    assert FigureSearch(tmp_path / "a.idx").search("chen jiningning")[0]["id"] == "1"
    monkeypatch.setattr("overt.screening.pinyin.available", lambda: False)
    assert spellings()[0] == []


def test_a_quotation_without_end_is_a_list_cut_short(tmp_path):
    text = b'id,schema,name\nq0,Person,Ann Onymous\nq1,Person,"A B'
    with pytest.raises(ConfigError, match=r"a quotation has no end.*after 1 rows"):
        run_import("targets-simple", io.BytesIO(text), tmp_path / "a.idx", source="s", as_of="2026")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("targets-simple", "hello", "a CSV with a header"),
        ("targets-simple", "a,b\n1,2\n", "a CSV with a header"),
        ("popolo", "[]", "JSON with `persons`"),
        ("sparql", "{}", "SPARQL results JSON"),
        ("wbgetentities", "{}", "JSON with `entities`"),
        ("opensanctions", "", "JSON lines with `schema`"),
        ("jsonl", "", "JSON lines with `id` and `name`"),
    ],
)
def test_a_list_of_another_format_says_what_is_expected(kind, text, expected, tmp_path):
    with pytest.raises(ConfigError, match=f"no row of the format {kind}.*{expected}"):
        run_import(kind, io.BytesIO(text.encode()), tmp_path / "a.idx", source="s", as_of="2026")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("7", "a field has the wrong shape"),
        ('{"id":"x:1"}', "it has no id or no name"),
        (
            '{"id":"x:1","name":"Zoe Quill","offices":[{}]}',
            'field offices: expected is a list of {"title": "…", "from": "2024-01-31", '
            '"to": "…"}, dates where known',
        ),
        (
            '{"id":"x:1","name":"Zoe Quill","country":"US"}',
            'field country: expected is a list of ISO 3166-1 alpha-2 codes, such as ["SK"]',
        ),
        (
            '{"id":"x:1","name":"Zoe Quill","prominence":"2"}',
            "field prominence: expected is a whole number from 0 to 3",
        ),
        (
            '{"id":"x:1","name":"Zoe Quill","as_of":"2031-01-01"}',
            "field as_of: expected is a date that is not in the future",
        ),
        (
            '{"id":"x:1","name":"Zoe Quill","born":1}',
            "field born is not known: expected is one of id, name, names, country, kind, offices, "
            "active, prominence, dead_since, source, as_of, licence",
        ),
        ("{", "it is not JSON"),
        ("[" * 200_000, "it is nested too deep"),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it(row, told, tmp_path):
    rows = "".join(f'{{"id":"x:{n}","name":"Ann Number{n}"}}\n' for n in range(20)) + row
    counts = run_import(
        "jsonl", io.BytesIO(rows.encode()), tmp_path / "a.idx", source="s", as_of="2026"
    )
    assert [str(p) for p in counts.problems] == [f"row 21: {told}"]


def test_rows_that_add_nobody_are_counted_as_read(tmp_path):
    rows = ["id,schema,name", "1,Person,Ann Onymous", "2,Company,Firm", "3,Person,Zoe Quill"]
    text = "\n".join(rows).encode()
    counts = run_import(
        "targets-simple", io.BytesIO(text), tmp_path / "a.idx", source="s", as_of="2026"
    )
    assert (counts.read, counts.kept, counts.bad) == (3, 2, 0)
    two = {"results": {"bindings": SPARQL["results"]["bindings"][:2]}}
    text = json.dumps(two).encode()
    counts = run_import("sparql", io.BytesIO(text), tmp_path / "b.idx", source="s", as_of="2026")
    assert (counts.read, counts.kept, counts.bad) == (2, 1, 0)


def test_a_count_of_pages_that_is_none_is_unknown():
    entity = {"labels": {"en": {"value": "Ann Onymous"}}, "sitelinks": 5}
    row = {
        "item": {"value": "http://www.wikidata.org/entity/Q1"},
        "label": {"value": "Ann Onymous"},
        "sitelinks": {"value": "many"},
    }
    for kind, document in (
        ("wbgetentities", {"entities": {"Q1": entity}}),
        ("sparql", {"results": {"bindings": [row]}}),
    ):
        text = json.dumps(document).encode()
        (figure,) = IMPORTERS[kind](io.BytesIO(text), "wd", "2026-11-21", 1)
        assert figure.prominence == 1


# --- what lists say of offices and countries, and what must not be overwritten --------------------


def made(kind: str, document: object) -> list[Figure | Problem | None]:
    text = document if isinstance(document, str) else json.dumps(document)
    return list(IMPORTERS[kind](io.BytesIO(text.encode()), "s", "2026-11-21", 1))


def bindings(**columns: str) -> dict[str, object]:
    row = {name: {"value": value} for name, value in columns.items()}
    row["item"] = {"value": "http://www.wikidata.org/entity/Q900003"}
    return {"results": {"bindings": [row]}}


def claim(item: str, **qualifiers: str) -> dict[str, object]:
    times = {
        name: [{"snaktype": "value", "datavalue": {"value": {"time": time, "precision": 11}}}]
        for name, time in qualifiers.items()
    }
    snak = {"snaktype": "value", "datavalue": {"value": {"id": item}}}
    return {"rank": "normal", "mainsnak": snak, "qualifiers": times}


def test_a_label_that_is_the_number_of_the_item_is_no_name():
    assert made("sparql", bindings(itemLabel="Q900003")) == [
        Problem(1, "its label is the number of the item")
    ]


def test_a_country_that_is_no_code_is_a_bad_row():
    for code in ("slovakia", "EU", "UK"):
        (found,) = made("sparql", bindings(itemLabel="Ann Onymous", cc=code))
        assert found == Problem(1, "cc is no ISO 3166-1 alpha-2 code")
    (found,) = made("sparql", bindings(itemLabel="Ann Onymous", cc="sk"))
    assert isinstance(found, Figure)
    assert found.country == ("SK",)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("President of Slovakia", "head_of_state"),
        ("prezident Slovenskej republiky", "head_of_state"),
        ("大統領", "head_of_state"),
        ("President of the Senate", "legislator"),
        ("President of the Russian Federation", "head_of_state"),
        ("Vice President of the United States", "other"),
        ("Prime Minister of New Zealand", "head_of_government"),
        ("predseda vlády Slovenskej republiky", "head_of_government"),
        ("内閣総理大臣", "head_of_government"),
        ("Deputy Prime Minister", "minister"),
        ("Minister of Finance", "minister"),
        ("वित्त मंत्री", "minister"),
        ("Secretary of State for Health", "minister"),
        ("mayor of Boise", "other"),
        ("maire de Paris", "other"),
        ("Governor of Michigan", "other"),
        ("Leader of the Labour Party", "party_leader"),
        ("King of Sweden", "royal"),
        ("Member of Parliament", "legislator"),
        ("poslanec Národnej rady", "legislator"),
        ("leader of " * 100_000, "legislator"),
    ],
)
def test_an_office_says_what_somebody_is(title, kind):
    (found,) = made("sparql", bindings(itemLabel="Ann Onymous", posLabel=title))
    assert isinstance(found, Figure)
    assert found.kind == kind


def test_of_several_offices_the_highest_that_is_held_counts():
    rows = [
        bindings(itemLabel="Ann", posLabel="President of X", start="1990-01-01", end="1995-01-01"),
        bindings(itemLabel="Ann", posLabel="Minister of Finance", start="2024-01-01"),
        bindings(itemLabel="Ann", posLabel="mayor of Y", start="2024-01-01"),
    ]
    rows = [row["results"]["bindings"][0] for row in rows]
    (found, *_) = made("sparql", {"results": {"bindings": rows}})
    assert found.kind == "minister"


@pytest.mark.parametrize(
    ("topics", "positions", "kind"),
    [
        (["gov.head"], [], "head_of_government"),
        (["gov.head"], ["President of Slovakia"], "head_of_state"),
        (["role.pep"], ["Minister of Defence"], "minister"),
    ],
)
def test_heads_of_opensanctions_are_heads(topics, positions, kind):
    props = {"topics": topics, "position": positions, "country": ["sk", "eu", "suhh"]}
    row = {"id": "1", "caption": "Ann Onymous", "schema": "Person", "properties": props}
    (found,) = made("opensanctions", row)
    assert (found.kind, found.country) == (kind, ("SK",))


def test_entities_have_countries_and_offices_by_the_labels_in_the_file():
    person = {
        "labels": {"en": {"value": "Ann Onymous"}},
        "claims": {
            "P31": [claim("Q5")],
            "P27": [claim("Q214"), claim("Q15180"), claim("Q33946", P582="+1992-12-31T00:00:00Z")],
            "P39": [claim("Q1", P580="+2024-06-15T00:00:00Z"), claim("Q2")],
        },
    }
    office = {
        "labels": {
            "sk": {"language": "sk", "value": "prezident"},
            "en": {"language": "en", "value": "President of Slovakia"},
        },
        "claims": {"P31": [claim("Q4164871")]},
    }
    found = made("wbgetentities", {"entities": {"Q7": person, "Q1": office}})
    (figure,) = [one for one in found if one is not None]
    assert figure.country == ("SK",)
    assert set(figure.offices) == {
        ("President of Slovakia", "2024-06-15", None),
        ("Q2", None, None),
    }
    assert figure.kind == "head_of_state"
    again = made("wbgetentities", json.dumps({"entities": {"Q7": person}}) * 2)
    assert [str(one) for one in again if isinstance(one, Problem)] == [
        "row 2: has an id that came before"
    ]


@pytest.mark.parametrize(
    ("time", "precision", "year"),
    [
        ("-0044-03-15T00:00:00Z", 11, -44),
        ("-0044-00-00T00:00:00Z", 9, -44),
        ("+0014-08-19T00:00:00Z", 11, 14),
        ("+1960-01-04T00:00:00Z", 11, 1960),
        ("+1900-00-00T00:00:00Z", 7, None),
        ("soon", 9, None),
    ],
)
def test_years_of_death_keep_their_era(time, precision, year):
    died = {"mainsnak": {"datavalue": {"value": {"time": time, "precision": precision}}}}
    entity = {"labels": {"en": {"value": "Ann Onymous"}}, "claims": {"P570": [died]}}
    (found,) = made("wbgetentities", {"entities": {"Q7": entity}})
    assert found.dead_since == year


def test_memberships_and_posts_give_offices_wherever_they_stand():
    document = {
        "memberships": [
            {"person_id": "u1", "organization_id": "o1", "role": "member", "start_date": "2024"},
            {"person_id": "u1", "organization_id": "o1", "role": "member", "start_date": "2024"},
            {"person_id": "u1", "organization_id": "o2", "role": "member"},
            {"person_id": "u2", "post_id": "p1", "end_date": "2020-01-31"},
            {"person_id": "nobody", "role": "member"},
            7,
        ],
        "persons": [
            {"id": "u1", "name": "Zoe Quill"},
            {"id": "u2", "name": "Al Quill"},
            {"id": "u3", "name": "Ida Quill", "memberships": [{"role": "Party leader"}]},
            {"id": "u3", "name": "Ida Quill"},
        ],
        "posts": [{"id": "p1", "label": "Minister of Health", "organization_id": "o3"}],
        "organizations": [
            {"id": "o1", "name": "Országgyűlés", "classification": "legislature"},
            {"id": "o2", "name": "Some Party", "classification": "party"},
        ],
    }
    found = made("popolo", document)
    figures = {one.id: one for one in found if isinstance(one, Figure)}
    assert figures["u1"].offices == (("member, Országgyűlés", "2024", None),)
    assert figures["u2"].offices == (("Minister of Health", None, "2020-01-31"),)
    assert [figures[one].kind for one in ("u1", "u2", "u3")] == [
        "legislator", "minister", "party_leader",
    ]  # fmt: skip
    assert [str(one) for one in found if isinstance(one, Problem)] == [
        "row 4: has an id that came before"
    ]


ONE = b'{"id":"me:1","name":"Zanna Miriloova"}'


@pytest.mark.parametrize("day", ["2999", "2999-01", "2999-01-01"])
def test_a_list_is_not_from_the_future(day, tmp_path):
    with pytest.raises(ConfigError, match=r"in the future.*import_date"):
        run_import("jsonl", io.BytesIO(ONE), tmp_path / "a.idx", source="s", as_of=day)


def test_a_list_has_a_name(tmp_path):
    for name in ("", " "):
        with pytest.raises(ConfigError, match="import_source"):
            run_import("jsonl", io.BytesIO(ONE), tmp_path / "a.idx", source=name, as_of="2026")


def test_a_file_that_is_no_index_stays(tmp_path):
    out = tmp_path / "letter.txt"
    out.write_bytes(b"Dear voter")
    with pytest.raises(ConfigError, match="import_place"):
        run_import("jsonl", io.BytesIO(ONE), out, source="s", as_of="2026")
    assert out.read_bytes() == b"Dear voter"
    for begin in (b"", b"OVRTFIG0 of another version"):
        out.write_bytes(begin)
        assert run_import("jsonl", io.BytesIO(ONE), out, source="s", as_of="2026").total == 1


def test_the_packaged_people_can_be_in_the_index_as_well(tmp_path, monkeypatch):
    packaged = tmp_path / "registry.idx"
    rows = [
        {"id": "Q1", "name": "Ann Onymous", "country": ["SK"], "kind": "minister", "source": "p"},
        {"id": "Q2", "name": "Bea Onymous", "prominence": 2, "source": "p"},
        {"id": "Q3", "name": "Cy Onymous", "names": ["Cyril Onymous"], "source": "p"},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    run_import("jsonl", io.BytesIO(text), packaged, source="p", as_of="2026")
    monkeypatch.setattr("overt.screening.importers.data_path", lambda *_: packaged)
    mine = [
        {"id": "Q1", "name": "Annie Onymous", "names": ["Ann Onymous"], "licence": "CC-BY-4.0"},
        {"id": "Q3", "name": "Cyril Onymous", "kind": "celebrity"},
        {"id": "me:1", "name": "Zanna Miriloova"},
    ]
    text = "".join(json.dumps(row) + "\n" for row in mine).encode()
    out = tmp_path / "both.idx"
    counts = run_import(
        "jsonl", io.BytesIO(text), out, source="mine", as_of="2026", with_packaged=True
    )
    assert (counts.kept, counts.packaged, counts.total) == (3, 3, 4)
    index = Index(out)
    people = {row["id"]: row for row in map(index.row, range(index.size))}
    assert people.keys() == {"Q1", "Q2", "Q3", "me:1"}
    assert people["Q1"]["name"] == "Ann Onymous"
    assert [n["text"] for n in people["Q1"]["names"]] == ["Annie Onymous"]
    assert (people["Q1"]["country"], people["Q1"]["kind"]) == (["SK"], "minister")
    assert (people["Q1"]["source"], people["Q1"]["licence"]) == ("p, mine", "CC-BY-4.0")
    assert people["Q3"] == rows[2] | {
        "names": [{"text": "Cyril Onymous", "kind": "alias"}], "kind": "other", "as_of": "2026",
    }  # fmt: skip
    assert people["Q2"]["prominence"] == 2
