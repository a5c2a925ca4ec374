"""The spaCy pipeline: what a builder's component sees, and what is spared where there is none."""

import threading

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from overt.errors import StageError
from overt.models import Modality, ScreenContext
from overt.screening import PromptScreen
from overt.screening.findings import findings_of
from overt.screening.rules import harms
from overt.screening.scene import Scene
from overt.screening.settling import settle
from overt.screening.text import analyse

TEXTS = [
    "a lighthouse on a cliff at dusk",
    "Joe Biden waves from a train",
    "a cartoon of a fox in a red coat",
    "Telefonát hlasom: nechoďte voliť",
    "",
    "  \u200b ",
    "🌊🌊🌊",
    "jo3 b1den and the sea",
    "安倍晋三の肖像画",
    "x" * 5000,
]
SEEN: list[tuple[str, list[str], list[str]]] = []


@Language.component("test_witness")
def _witness(doc: Doc) -> Doc:
    spans = [[span.label_ for span in doc.spans[key]] for key in ("figures", "concepts")]
    SEEN.append((doc.text, *spans))
    return doc


@Language.component("test_plain_witness")
def _plain_witness(doc: Doc) -> Doc:
    SEEN.append((doc.text, [], []))
    return doc


CALLS: list[PromptScreen] = []


@Language.component("test_caller")
def _caller(doc: Doc) -> Doc:
    CALLS[0].screen("another text", ScreenContext(modality=Modality.IMAGE))
    return doc


@pytest.fixture(scope="module")
def watched() -> PromptScreen:
    """A screen whose pipeline has a component of a builder's."""
    screen = PromptScreen.bundled(intent_model=False)
    screen.nlp.add_pipe("test_witness", last=True)
    return screen


def test_a_builders_component_sees_every_text(watched: PromptScreen) -> None:
    SEEN.clear()
    for text in TEXTS:
        watched.screen(text, ScreenContext(modality=Modality.IMAGE))
    assert [text for text, _, _ in SEEN] == [text for text in TEXTS if text.strip()]
    by_text = {text: (figures, concepts) for text, figures, concepts in SEEN}
    assert by_text["Joe Biden waves from a train"][0]
    assert "STYLISED" in by_text["a cartoon of a fox in a red coat"][1]
    assert by_text["a lighthouse on a cliff at dusk"] == ([], [])


@pytest.mark.parametrize("modality", list(Modality))
def test_findings_are_the_same_where_no_document_is_made(
    watched: PromptScreen, modality: Modality
) -> None:
    plain = PromptScreen.bundled(intent_model=False)
    context = ScreenContext(modality=modality)
    for text in TEXTS:
        assert plain.screen(text, context) == watched.screen(text, context)


def test_a_document_by_itself_has_its_spans(watched: PromptScreen) -> None:
    with watched.nlp.memory_zone():
        doc = watched.nlp("Joe Biden as a cartoon")
        assert [span.text for span in doc.spans["figures"]] == ["Joe Biden"]
        assert [span.label_ for span in doc.spans["concepts"]]


@pytest.mark.parametrize("modality", list(Modality))
def test_rules_ask_for_names_or_concepts(modality: Modality) -> None:
    """Why a scene with neither need not be shown to them."""
    scene = settle(Scene(analyse("a lighthouse on a cliff, 12:30, b-i-g"), modality, {}))
    assert harms(scene) == []
    assert list(findings_of(scene, [])) == []


def test_a_component_that_screens_text_is_an_error_and_waits_for_nobody() -> None:
    screen = PromptScreen.bundled(intent_model=False)
    screen.nlp.add_pipe("test_caller", last=True)
    CALLS[:] = [screen]
    context = ScreenContext(modality=Modality.IMAGE)
    told: list[str] = []

    def ask() -> None:
        try:
            screen.screen("Joe Biden waves from a train", context)
        except StageError as error:
            told.append(error.code)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout=20)
    assert told == ["screening.reentry"]
    screen.nlp.remove_pipe("test_caller")
    assert screen.screen("Joe Biden waves from a train", context)


def test_a_component_in_the_place_of_ours_sees_every_text() -> None:
    screen = PromptScreen.bundled(intent_model=False)
    screen.nlp.replace_pipe("overt_concepts", "test_plain_witness")
    SEEN.clear()
    screen.screen("a lighthouse on a cliff at dusk", ScreenContext(modality=Modality.IMAGE))
    assert [text for text, _, _ in SEEN] == ["a lighthouse on a cliff at dusk"]
