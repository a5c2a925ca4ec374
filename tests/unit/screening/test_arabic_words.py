"""Words that Arabic writes together: `and`, `in`, `for`, the article."""

from __future__ import annotations

import pytest

from overt.screening.forms import without_arabic_particles
from overt.screening.lexicon import Lexicon
from overt.screening.text import analyse

FORMS = [
    ("والانتخابات", ("الانتخابات", "انتخابات")),
    ("وبالانتخابات", ("بالانتخابات", "الانتخابات", "انتخابات")),
    ("للتصويت", ("التصويت", "تصويت")),
    ("فالمقطع", ("المقطع", "مقطع")),
    ("ولا", ("لا",)),
    ("وفي", ("في",)),
    ("كصورة", ("صورة",)),
]
WHOLE = ["بيان", "كتاب", "والد", "باب", "وزير", "ولد", "الله"]
PLAIN = Lexicon([{"language": "ar", "concepts": {"FAKE": ["مزيف"], "STAY": ["لا تصوت*"]}}])


@pytest.mark.parametrize(("word", "forms"), FORMS)
def test_particles_are_taken_off(word: str, forms: tuple[str, ...]) -> None:
    assert without_arabic_particles(word) == forms


@pytest.mark.parametrize("word", WHOLE)
def test_a_word_keeps_the_letters_of_its_root(word: str) -> None:
    assert word[1:] not in without_arabic_particles(word)


@pytest.mark.parametrize("text", ["الفيديو المزيف", "وبالمزيف", "للمزيف", "مزيف", "ولا تصوتوا غدا"])
def test_a_phrase_is_found_behind_them(text: str) -> None:
    assert PLAIN.match(analyse(text))
