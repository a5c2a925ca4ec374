"""Who is meant by a word that several people are known by, or that is an everyday word besides."""

from __future__ import annotations

import pytest

from overt.models import Modality, ScreenContext
from overt.screening import PromptScreen

MEANT = [
    ("hungarian short name with an ending", "az Orbánra szavazók listája", "Viktor Orbán"),
    ("hungarian adjective of a name", "az orbános klip a gyűlésről", "Viktor Orbán"),
    ("head of an institution", "Prezes Glapiński mówi o inflacji na konferencji", "Adam Glapiński"),
    ("a compatriot of many", "Pellegrini nuota in piscina, la campionessa", "Federica Pellegrini"),
    ("the living at home before the dead abroad", "vocea lui Arafat la radio", "Raed Arafat"),
    ("a surname begins the sentence", "Mungiu bea o cafea singur pe o terasă", "Cristian Mungiu"),
    ("after a colon", "Na tri vety: Vášáryová podporila petíciu", "Magda Vášáryová"),
    ("a title with a name", "il discorso della senatrice Segre ai ragazzi", "Liliana Segre"),
    ("a title after the name", "Karatay hoca sesiyle bir reklam", "Canan Karatay"),
    ("the less known of a family", "mural de Fujimori en Lima, la hija", "Keiko Fujimori"),
    ("the better known of a family", "mural de Fujimori en Lima, el padre", "Alberto Fujimori"),
    ("a short name with an ending", "pune chipul Innei pe afișul de la concertul nostru", "Inna"),
    ("a possessive of a short name", "obálka Blahovej knihy na polici", "Ľuboš Blaha"),
    ("an office that one holds", "voce del governatore della Banca d'Italia", "Fabio Panetta"),
    ("a word of German that is none", "in Wien seufzt der Ludwig im Wahlkampf", "Michael Ludwig"),
    ("initials in English", "the audio of JDM on the vote is fake", "John Mahama"),
    (
        "everyday word among politics",
        "w kampanii wyborczej Żurek obiecuje reformę",
        "Waldemar Żurek",
    ),
]
NOT_MEANT = [
    ("no ending of ours", "una compra en la sombra del libro", ()),
    ("the writer's own boss", "mój szef, mojego szefa Duda zaprosił na kawę", ("Andrzej Duda",)),
    ("a sum of money", "v hlasovaní stojí hlas 50 centov, ďalší 50 cent", ()),
    ("a plan, not an architect", "Piano di ripasso per la maturità, due materie al giorno", ()),
    ("dear visitors", "Gentili visitatori, la mostra chiude tra mezz'ora", ()),
    ("a sword dance", "Kılıç kalkan ekibi Bursa, davul, zırh parıltısı", ("Haşim Kılıç",)),
    ("an ending of another language", "Je suis Camille, je vote", ("Queen Camilla", "Camilla")),
    ("a bank, not a Bánki", "Banki figyelmeztetés: sosem kérünk PIN-kódot", ("Erik Bánki",)),
    ("a wife, not a minister", "żona prezydenta Francji", ("Fadli Zon",)),
    ("a noun of German", "Schreib eine Fabel vom Förster und dem Wolf", ("Will Forster",)),
]


@pytest.fixture(scope="module")
def screen() -> PromptScreen:
    return PromptScreen.bundled(intent_model=False)


def named(screen: PromptScreen, text: str) -> set[str]:
    found = screen.screen(text, ScreenContext(modality=Modality.VIDEO))
    return {f.figure.name for f in found if f.figure is not None}


@pytest.mark.parametrize(("text", "name"), [m[1:] for m in MEANT], ids=[m[0] for m in MEANT])
def test_somebody_is_meant(screen: PromptScreen, text: str, name: str) -> None:
    assert name in named(screen, text)


@pytest.mark.parametrize(
    ("text", "names"), [m[1:] for m in NOT_MEANT], ids=[m[0] for m in NOT_MEANT]
)
def test_nobody_of_that_name_is_meant(
    screen: PromptScreen, text: str, names: tuple[str, ...]
) -> None:
    found = named(screen, text)
    assert not (found & set(names) if names else found)


def test_compatriots_alone_are_told_and_given_names_are_not(screen: PromptScreen) -> None:
    told = {
        "Gašparovič": "Opíš pokojné dopoludnie, keď Gašparovič lúšti krížovku pri tenisovom kurte",
        "Manfredi": "il sindaco Manfredi assaggia una pizza a portafoglio e si scotta",
    }
    for surname, text in told.items():
        found = screen.screen(text, ScreenContext(modality=Modality.IMAGE))
        assert any(f.figure and surname in f.figure.name for f in found), surname
    for text in ("a Michelle e o Pedro no casamento, foto", "conte antico in costume, ritratto"):
        found = screen.screen(text, ScreenContext(modality=Modality.IMAGE))
        assert not any(f.figure for f in found), text
