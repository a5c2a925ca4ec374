"""The spaCy pipeline: our tokenizer, then components that write spans.

`build` gives one blank pipeline for all languages. Its tokens are the tokens of `text.analyse`
(with what lies between them), so that spans agree with the original text to the character.
`doc.spans["figures"]` holds names found, labelled with registry ids; `doc.spans["concepts"]` holds
concepts, labelled with their names. A builder may add components of their own after ours.

Words of a prompt live in spaCy's string store only inside `nlp.memory_zone()`, which frees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import spacy
from spacy.attrs import LOWER, NORM
from spacy.language import Language
from spacy.tokens import Doc, Span

from overt.screening.gazetteer import Gazetteer, Hit
from overt.screening.lexicon import Concept, Lexicon
from overt.screening.text import Analysis, analyse

ANALYSIS, HITS, CONCEPTS = "overt.analysis", "overt.hits", "overt.concepts"
_PLACES = "overt.places"
_MAX_SPANS = 512


class Tokenizer:
    """Makes a `Doc` from the analysis of a text."""

    def __init__(self, vocab: Any) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Tokens of ours, and the stretches between them, as one `Doc`."""
        return self.doc(analyse(text))

    def doc(self, analysis: Analysis) -> Doc:
        """The `Doc` of an analysed text."""
        words: list[str] = []
        spaces: list[bool] = []
        places: list[int] = []
        text, at = analysis.original, 0
        for token in analysis.tokens:
            gap = text[at : token.start]
            if gap == " " and words:
                spaces[-1] = True
            elif gap:
                words.append(_storable(gap))
                spaces.append(False)
            places.append(len(words))
            words.append(_storable(text[token.start : token.end]))
            spaces.append(False)
            at = token.end
        if at < len(text):
            words.append(_storable(text[at:]))
            spaces.append(False)
        doc = Doc(self.vocab, words=words, spaces=spaces)
        doc.user_data[ANALYSIS] = analysis
        doc.user_data[_PLACES] = places
        return doc


def _storable(text: str) -> str:
    """Lone surrogates cannot be stored as UTF-8; each becomes one replacement character."""
    return text.encode("utf-8", "replace").decode() if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


class FigureComponent:
    """Writes `doc.spans["figures"]` from one or more gazetteers."""

    def __init__(self, gazetteers: Sequence[Gazetteer]) -> None:
        self._gazetteers = gazetteers

    def __call__(self, doc: Doc) -> Doc:
        """Find figures and keep them on the document."""
        analysis: Analysis = doc.user_data[ANALYSIS]
        found: list[tuple[int, Hit]] = []
        for source, gazetteer in enumerate(self._gazetteers):
            found.extend((source, hit) for hit in gazetteer.find(analysis))
        doc.user_data[HITS] = found
        labelled = [
            (hit.first, hit.last, str(self._gazetteers[source].index.row(hit.person)["id"]))
            for source, hit in found[:_MAX_SPANS]
        ]
        doc.spans["figures"] = _spans(doc, labelled)
        return doc


class ConceptComponent:
    """Writes `doc.spans["concepts"]` from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def __call__(self, doc: Doc) -> Doc:
        """Find concepts and keep them on the document."""
        concepts: list[Concept] = self._lexicon.match(doc.user_data[ANALYSIS])
        doc.user_data[CONCEPTS] = concepts
        doc.spans["concepts"] = _spans(
            doc, [(c.first, c.last, c.name) for c in concepts[:_MAX_SPANS]]
        )
        return doc


def _spans(doc: Doc, places: list[tuple[int, int, str]]) -> list[Span]:
    at = doc.user_data[_PLACES]
    return [Span(doc, at[first], at[last - 1] + 1, label=label) for first, last, label in places]


@Language.factory("overt_figures")
def _figures(nlp: Language, name: str, gazetteers: Any) -> FigureComponent:
    return FigureComponent(gazetteers)


@Language.factory("overt_concepts")
def _concepts(nlp: Language, name: str, lexicon: Any) -> ConceptComponent:
    return ConceptComponent(lexicon)


def build(gazetteers: Sequence[Gazetteer], lexicon: Lexicon) -> Language:
    """The blank pipeline with our tokenizer and components."""
    nlp = spacy.blank("xx")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.max_length = 2**31 - 1
    # A prompt's words are made anew in each zone; shapes, prefixes and the like would cost most.
    keep = (LOWER, NORM)
    vocab: Any = nlp.vocab
    vocab.lex_attr_getters = {k: v for k, v in vocab.lex_attr_getters.items() if k in keep}
    figures, concepts = FigureComponent(gazetteers), ConceptComponent(lexicon)
    Language.component("overt_figures_bound", func=figures)
    Language.component("overt_concepts_bound", func=concepts)
    nlp.add_pipe("overt_figures_bound", name="overt_figures")
    nlp.add_pipe("overt_concepts_bound", name="overt_concepts")
    return nlp
