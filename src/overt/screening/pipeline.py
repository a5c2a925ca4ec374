"""The spaCy pipeline: our tokenizer, then components that write spans.

`build` gives one blank pipeline for all languages. Its tokens are the tokens of `text.analyse`
(with what lies between them), so that spans agree with the original text to the character.
`doc.spans["figures"]` holds names found, labelled with registry ids; `doc.spans["concepts"]` holds
concepts, labelled with their names. A builder may add components of their own after ours.

Words of a prompt live in spaCy's string store only inside `nlp.memory_zone()`, which frees them.
Half of all ordinary prompts hold neither a name nor a concept: `Pipeline.read` makes no `Doc` of
those, unless somebody else's component wants one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import spacy
from spacy.attrs import LOWER, NORM
from spacy.language import Language
from spacy.tokens import Doc, Span

from overt.errors import StageError
from overt.screening.gazetteer import Gazetteer, Hit
from overt.screening.layers import together
from overt.screening.lexicon import Concept, Lexicon, telling
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

    def __init__(
        self, gazetteers: Sequence[Gazetteer], joined: Mapping[int, int] | None = None
    ) -> None:
        self._gazetteers, self._joined = gazetteers, joined or {}

    def hits(self, analysis: Analysis) -> list[tuple[int, Hit]]:
        """Figures in a text, each with the number of its gazetteer."""
        found: list[tuple[int, Hit]] = []
        for source, gazetteer in enumerate(self._gazetteers):
            found.extend((source, hit) for hit in gazetteer.find(analysis))
        if len(self._gazetteers) > 1 and found:
            return together(found, self._gazetteers, self._joined)
        return found

    def __call__(self, doc: Doc) -> Doc:
        """Find figures, unless they were found already, and keep them on the document."""
        if HITS not in doc.user_data:
            doc.user_data[HITS] = self.hits(doc.user_data[ANALYSIS])
        labelled = [
            (hit.first, hit.last, str(self._gazetteers[source].index.row(hit.person)["id"]))
            for source, hit in doc.user_data[HITS][:_MAX_SPANS]
        ]
        doc.spans["figures"] = _spans(doc, labelled)
        return doc


class ConceptComponent:
    """Writes `doc.spans["concepts"]` from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.concepts = lexicon.match

    def __call__(self, doc: Doc) -> Doc:
        """Find concepts, unless they were found already, and keep them on the document."""
        if CONCEPTS not in doc.user_data:
            doc.user_data[CONCEPTS] = self.concepts(doc.user_data[ANALYSIS])
        found: list[Concept] = doc.user_data[CONCEPTS]
        doc.spans["concepts"] = _spans(doc, [(c.first, c.last, c.name) for c in found[:_MAX_SPANS]])
        return doc


class Read(NamedTuple):
    """What is in a text."""

    analysis: Analysis
    hits: list[tuple[int, Hit]]
    concepts: list[Concept]


class Pipeline:
    """The spaCy pipeline over gazetteers and a lexicon; safe for threads.

    Args:
        gazetteers: The registry, and an overlay where there is one.
        lexicon: The concepts.
        joined: People who are in both, see `layers.together`.
    """

    def __init__(
        self,
        gazetteers: Sequence[Gazetteer],
        lexicon: Lexicon,
        joined: Mapping[int, int] | None = None,
    ) -> None:
        self._figures = FigureComponent(gazetteers, joined)
        self._concepts = ConceptComponent(lexicon)
        self.nlp = _build(self._figures, self._concepts)
        self._own = list(self.nlp.pipeline)
        self._zone = threading.Lock()
        self._reader: int | None = None

    def read(self, text: str) -> Read:
        """Analyse a text and find names and concepts, through spaCy where there are any.

        Raises:
            StageError: A component of the pipeline asked for it, which would wait for itself.
        """
        analysis = analyse(text)
        hits = self._figures.hits(analysis)
        concepts = telling(analysis, self._concepts.concepts(analysis), bool(hits))
        found = Read(analysis, hits, concepts)
        if found.hits or found.concepts or list(self.nlp.pipeline) != self._own:
            self._run(found)
        return found

    def _run(self, found: Read) -> None:
        """Show a text to the components, one text at a time."""
        if self._reader == threading.get_ident():
            raise StageError(
                "screen", "screening.reentry", "a component of the pipeline screens text itself",
                "one text is read at a time, so it would wait for ever",
                "screen the text before or after, or with a screen of the component's own",
            )  # fmt: skip
        with self._zone:
            self._reader = threading.get_ident()
            try:
                with self.nlp.memory_zone():
                    tokenizer: Any = self.nlp.tokenizer
                    doc = tokenizer.doc(found.analysis)
                    doc.user_data.update({HITS: found.hits, CONCEPTS: found.concepts})
                    self.nlp(doc)
            finally:
                self._reader = None


def _spans(doc: Doc, places: list[tuple[int, int, str]]) -> list[Span]:
    at = doc.user_data[_PLACES]
    return [Span(doc, at[first], at[last - 1] + 1, label=label) for first, last, label in places]


def _build(figures: FigureComponent, concepts: ConceptComponent) -> Language:
    """The blank pipeline with our tokenizer and components."""
    nlp = spacy.blank("xx")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.max_length = 2**31 - 1
    # A prompt's words are made anew in each zone; shapes, prefixes and the like would cost most.
    keep = (LOWER, NORM)
    vocab: Any = nlp.vocab
    vocab.lex_attr_getters = {k: v for k, v in vocab.lex_attr_getters.items() if k in keep}
    Language.component("overt_figures_bound", func=figures)
    Language.component("overt_concepts_bound", func=concepts)
    nlp.add_pipe("overt_figures_bound", name="overt_figures")
    nlp.add_pipe("overt_concepts_bound", name="overt_concepts")
    return nlp
