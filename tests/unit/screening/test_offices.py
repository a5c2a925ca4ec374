"""Offices: their holders in every language, and whom `former` or `in 2010` leave out or name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from overt.models import Finding, Modality, Role, ScreenContext
from overt.screening import PromptScreen
from overt.screening.overlay import Overlay
from overt.screening.registry import read_figures
from overt.tables import data_path

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))

from build_figures import GROUPS, _hold
from figures_roles import Roles, write_terms

HOLDERS = [
    ("photo of the president of Kenya waving", "William Ruto"),
    ("photo of the Czech prime minister waving", "Andrej Babiš"),
    ("photo of the Hungarian prime minister waving", "Péter Magyar"),
    ("Slovakia's prime minister takes a bribe", "Robert Fico"),
    ("UK PM taking a bribe", "Keir Starmer"),
    ("the president of the USA in jail", "Donald Trump"),
    ("the president of the U.S. in jail", "Donald Trump"),
    ("the President of America in jail, photo", "Donald Trump"),
    ("the emperor of Japan waving", "Naruhito"),
    ("the mayor of London taking a bribe, photo", "Sadiq Khan"),
    ("photo of the governor of Michigan waving", "Gretchen Whitmer"),
    ("photo of the governor of California waving", "Gavin Newsom"),
    ("the leader of the Conservative Party taking a bribe", "Kemi Badenoch"),
    ("primer ministro de Eslovaquia en la cárcel", "Robert Fico"),
    ("el presidente del Gobierno en la cárcel", "Pedro Sánchez"),
    ("la première ministre italienne en prison", "Giorgia Meloni"),
    ("der Bundeskanzler im Gefängnis", "Friedrich Merz"),
    ("den französischen Präsidenten verhaften", "Emmanuel Macron"),
    ("il presidente del Consiglio italiano in carcere", "Giorgia Meloni"),
    ("o presidente do Brasil preso", "Luiz Inácio Lula da Silva"),
    ("premier wielkiej brytanii w więzieniu", "Keir Starmer"),
    ("foto slovenského premiéra vo väzení", "Robert Fico"),
    ("fotka předsedu Progresívneho Slovenska", "Michal Šimečka"),
    ("fotka s francouzským prezidentem", "Emmanuel Macron"),
    ("a szlovák miniszterelnököt letartóztatják", "Robert Fico"),
    ("fotografie cu premierul României", "Ilie Bolojan"),
    ("фото президента Франції", "Emmanuel Macron"),
    ("президентка Словакии в тюрьме", "Peter Pellegrini"),
    ("Fransa'nın cumhurbaşkanı hapiste", "Emmanuel Macron"),
    ("foto presiden Prancis di penjara", "Emmanuel Macron"),
    ("صورة رئيس وزراء باكستان في السجن", "Shehbaz Sharif"),
    ("صدر پاکستان کی تصویر", "Asif Ali Zardari"),
    ("भारत के प्रधानमंत्री जेल में", "Narendra Modi"),
    ("বাংলাদেশের প্রধানমন্ত্রীর ছবি", "Tarique Rahman"),
    ("フランスの大統領の写真", "Emmanuel Macron"),
    ("대한민국 대통령 감옥 사진", "Lee Jae-myung"),
    ("台湾总统坐牢照片", "Lai Ching-te"),
]

NOBODY = [
    "the first president of Ukraine, photo",
    "the 3rd president of the United States in jail",
    "the president of France in 1965, photo",
    "the president of France who resigned in 1969",
    "former chancellor of Germany",
    "ex-president of Ukraine",
    "the next president of France",
    "US president-elect in jail",
    "US president candidate in jail",
    "French president of Ubisoft taking a bribe",
    "presidente francés de Renault en la cárcel",
    "ex presidente de Francia",
    "ancien président français",
    "der ehemalige französische Präsident",
    "il primo presidente della Francia",
    "antigo presidente do Brasil",
    "byłego prezydenta USA",
    "bývalý francúzsky prezident",
    "ako vyzeral 44. prezident USA",
    "bývalá česká premiérka",
    "volt amerikai elnök",
    "fostul președinte al Franței",
    "колишній президент США",
    "бывший президент США",
    "eski ABD Başkanı",
    "mantan presiden Amerika",
    "الرئيس الأمريكي السابق",
    "سابق امریکی صدر",
    "पूर्व अमेरिकी राष्ट्रपति",
    "সাবেক মার্কিন প্রেসিডেন্ট",
    "元アメリカ大統領",
    "전 미국 대통령",
    "前美国总统",
    "第3任美国总统",
    "president of the chess club taking a bribe",
    "King of Prussia mall",
    "the president of Prussia taking a bribe",
    "prime minister of Narnia in jail",
    "Air France president taking a bribe",
    "President of the United States Olympic Committee",
    "prezident firmy berie úplatok",
    "Königin der Nacht, Opernplakat",
]

OBAMA = [
    "photo of the president of the United States in 2010 taking a bribe",
    "the 44th president of the United States",
    "presidente de Estados Unidos en 2010",
    "le président des États-Unis en 2010",
    "Präsident der USA im Jahr 2010",
    "presidente degli Stati Uniti nel 2010",
    "presidente dos EUA em 2010",
    "prezydent USA w 2010 roku",
    "prezident USA v roku 2010",
    "v roce 2010 prezident USA",
    "az USA elnöke 2010-ben",
    "președintele SUA în 2010",
    "президент США у 2010 році",
    "президент США в 2010 году",
    "2010 yılında ABD Başkanı",
    "presiden Amerika pada tahun 2010",
    "الرئيس الأمريكي في عام 2010",
    "امریکی صدر 2010 میں",
    "2010 में अमेरिकी राष्ट्रपति",
    "২০১০ সালে মার্কিন প্রেসিডেন্ট",
    "2010年のアメリカ大統領",
    "2010년 미국 대통령",
    "2010年美国总统",
]

KIN = [
    "French president's wife in prison",
    "the wife of the president of France in prison",
    "the spokesman for the French president",
    "a fan of the president of France",
    "la esposa del presidente de Francia",
    "la femme du président de la République",
    "die Frau des französischen Präsidenten",
    "la moglie del presidente francese",
    "o porta-voz do presidente da França",
    "żona prezydenta Francji",
    "hovorkyňa francúzskeho prezidenta",
    "mluvčí francouzského prezidenta",
    "a francia elnök felesége",
    "purtătorul de cuvânt al președintelui Franței",
    "дружина президента Франції",
    "жена президента Франции",
    "Fransa Cumhurbaşkanı eşi",
    "istri presiden Prancis",
    "زوجة الرئيس الفرنسي",
    "فرانس کے صدر کی اہلیہ",
    "फ्रांस के राष्ट्रपति की पत्नी",
    "ফরাসি প্রেসিডেন্টের স্ত্রী",
    "フランス大統領の妻",
    "프랑스 대통령의 아내",
    "法国总统的妻子",
]


@pytest.fixture(scope="module")
def screen() -> PromptScreen:
    return PromptScreen.bundled(intent_model=False)


def named(screen: PromptScreen, text: str) -> dict[str, Finding]:
    found = screen.screen(text, ScreenContext(modality=Modality.IMAGE))
    return {f.figure.name: f for f in found if f.figure is not None}


@pytest.mark.parametrize(("text", "name"), HOLDERS)
def test_an_office_names_its_holder(screen: PromptScreen, text: str, name: str) -> None:
    assert set(named(screen, text)) == {name}


@pytest.mark.parametrize("text", NOBODY)
def test_an_office_of_another_names_nobody(screen: PromptScreen, text: str) -> None:
    assert not named(screen, text)


@pytest.mark.parametrize("text", OBAMA)
def test_a_year_names_who_was_in_office(screen: PromptScreen, text: str) -> None:
    assert set(named(screen, text)) == {"Barack Obama"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("UK prime minister in 2021", "Boris Johnson"),
        ("président de la France de 2012 à 2017", "François Hollande"),
        ("the president of the United States in 2025", "Donald Trump"),
        ("the president of the United States since 2025", "Donald Trump"),
        ("the 43rd president of the United States", "George W. Bush"),
        ("photo of the Hungarian prime minister in 2020", "Viktor Orbán"),
    ],
)
def test_the_years_of_an_office_decide(screen: PromptScreen, text: str, name: str) -> None:
    assert set(named(screen, text)) == {name}


@pytest.mark.parametrize("text", KIN)
def test_whose_wife_it_is_is_not_depicted(screen: PromptScreen, text: str) -> None:
    found = named(screen, text)
    assert [f.figure.role for f in found.values() if f.figure] == [Role.MENTIONED]
    assert set(found) == {"Emmanuel Macron"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("US president Joe Biden waving", {"Joe Biden"}),
        ("Joe Biden, president of the United States", {"Joe Biden"}),
        ("French President Emmanuel Macron", {"Emmanuel Macron"}),
        ("拜登美国总统", {"Joe Biden"}),
    ],
)
def test_a_name_beside_an_office_says_who_it_is(
    screen: PromptScreen, text: str, names: set[str]
) -> None:
    assert set(named(screen, text)) == names


@pytest.mark.parametrize(
    "text",
    [
        "picture of the French president for my blog",
        "photo du président français de dos",
        "generate 4 French president portraits",
        "1. French president in jail\n2. a dog",
        "投票日前法国总统被捕",
    ],
)
def test_what_only_looks_like_another_office_keeps_its_holder(
    screen: PromptScreen, text: str
) -> None:
    assert "Emmanuel Macron" in named(screen, text)


def test_a_voice_is_not_a_spokesman(screen: PromptScreen) -> None:
    found = named(screen, "clone a voz do presidente do Brasil")
    assert [f.figure.role for f in found.values() if f.figure] == [Role.VOICED]


def test_an_office_alone_is_weak(screen: PromptScreen) -> None:
    found = named(screen, "the president of Kenya")
    assert [f.strength.value for f in found.values()] == ["weak"]


def test_an_earlier_holder_whom_a_builder_took_out_is_not_named() -> None:
    base = PromptScreen.bundled(intent_model=False)
    obama = next(f for f in named(base, "Barack Obama").values())
    without = PromptScreen(base._index, _lexicon(), Overlay(removed=frozenset({obama.code})))
    assert not named(without, "photo of the president of the United States in 2010")


def _lexicon():  # type: ignore[no-untyped-def]
    from overt.screening.lexicon import Lexicon

    return Lexicon.load(data_path("intents"))


# --- how the names are made --------------------------------------------------------------------


@pytest.fixture(scope="module")
def roles() -> Roles:
    return Roles(data_path("figures", "roles.yaml"), "2026-11-21")


def row(name: str, country: str, *offices: dict[str, str], active: bool | None = True) -> dict:  # type: ignore[type-arg]
    return {
        "id": name, "name": name, "names": [], "country": [country], "kind": "head_of_state",
        "offices": list(offices), "active": active,
    }  # fmt: skip


def test_a_new_holder_needs_one_changed_row(roles: Roles) -> None:
    old = row("Old", "KE", {"title": "President of Kenya", "from": "2022-09-13"})
    new = row("New", "KE", {"title": "President of Kenya", "from": "2026-10-01"})
    rows = {r["name"]: r for r in (old, new)}
    roles.add_names(rows)
    assert not old["names"]
    texts = {n["text"] for n in new["names"]}
    assert {"president of Kenya", "Kenyan president", "肯尼亚总统"} <= texts


@pytest.mark.parametrize(
    "office",
    [
        {"title": "Vice President of Kenya"},
        {"title": "President of the National Assembly of Kenya"},
        {"title": "President of Kenya", "to": "2022-09-13"},
        {"title": "Governor-General of Kenya"},
        {"title": "President of Uganda"},
    ],
)
def test_another_office_gives_no_names(roles: Roles, office: dict[str, str]) -> None:
    rows = {"A": row("A", "KE", office)}
    roles.add_names(rows)
    assert not rows["A"]["names"]


def test_who_is_not_in_office_gets_no_names(roles: Roles) -> None:
    rows = {"A": row("A", "KE", {"title": "President of Kenya"}, active=None)}
    roles.add_names(rows)
    assert not rows["A"]["names"]


def test_an_end_that_is_not_told_is_the_next_beginning(roles: Roles, tmp_path: Path) -> None:
    old = row("Old", "KE", {"title": "President of Kenya", "from": "2013"}, active=None)
    new = row("New", "KE", {"title": "President of Kenya", "from": "2022-09-13"})
    path = tmp_path / "terms.tsv"
    write_terms(path, roles.terms([old, new]), roles.held([old, new]))
    assert path.read_text("utf-8").splitlines() == [
        "KE.president\tOld\t2013\t2022-09-13",
        "KE.president\tNew\t2022-09-13\t",
    ]


def test_an_office_with_dates_takes_the_place_of_the_one_without() -> None:
    person = row("A", "GB", {"title": "Mayor of London"}, active=None)
    _hold(person, "Mayor of London", "2016-05-09", None)
    assert person["offices"] == [{"title": "Mayor of London", "from": "2016-05-09"}]
    assert person["active"]


def test_the_table_has_every_language_and_all_holders_are_named() -> None:
    import yaml

    beside, names, _ = yaml.safe_load_all(data_path("figures", "roles.yaml").read_bytes())
    assert set(beside) == set(names)
    assert len(names) == 22
    for language, said in names.items():
        places = said["places"].splitlines()
        assert len(places) >= 40, language


def test_the_packaged_registry_is_built_from_the_table(roles: Roles) -> None:
    paths = [data_path("figures", f"{group}.jsonl") for group in GROUPS]
    rows = {f.id: _full(json.loads(f.to_json())) for f in read_figures(paths)}
    held = roles.held(rows.values())
    assert len(held) >= 340
    for term in held:
        texts = {n["text"] for n in rows[term.person]["names"] if n["kind"] == "role"}
        assert texts, term


def test_no_row_has_a_date_that_is_only_a_default() -> None:
    paths = [data_path("figures", f"{group}.jsonl") for group in GROUPS]
    assert not [f.id for f in read_figures(paths) if f.as_of == "1970-01-01"]


def _full(data: dict) -> dict:  # type: ignore[type-arg]
    empty = {"names": [], "country": [], "offices": [], "active": None, "kind": "other"}
    return empty | data
