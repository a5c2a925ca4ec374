"""Language identification and choice: a floor on short texts, traps, and any code points."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overt.language import FLOOR, LIMIT, SURE, choose, identify, resolve

TEXTS = Path(__file__).parents[1] / "data" / "language" / "short_texts.jsonl"
NAMES = {"no": "nb", "tl": "fil", "pt": "pt-BR", "zh": "zh-Hans", "sr": "sr-Cyrl"}


def _rows() -> list[tuple[str, str]]:
    rows = map(json.loads, TEXTS.read_text("utf-8").splitlines())
    return [(NAMES.get(row["lang"], row["lang"]), row["text"]) for row in rows]


def test_short_texts_keep_the_floor() -> None:
    rows = _rows()
    right = sum(identify(text).language == language for language, text in rows)
    assert right / len(rows) >= 0.94


def test_romanised_hindi_and_urdu_keep_the_floor() -> None:
    rows = [(lang, text) for lang, text in _rows() if lang in ("hi-Latn", "ur-Latn")]
    assert len(rows) == 12
    assert sum(identify(text).language == language for language, text in rows) >= 10


def test_no_wrong_answer_is_sure() -> None:
    """A wrong answer may be given, but then English is added: hr, bs and sr are one group."""
    group = {"hr": "x", "bs": "x", "sr-Latn": "x", "id": "y", "ms": "y"}
    for language, text in _rows():
        found = identify(text)
        if group.get(found.language, found.language) != group.get(language, language):
            assert found.confidence < SURE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("cat", "und", id="one-word-is-no-evidence"),
        pytest.param("Donald Trump", "und", id="a-name-is-no-evidence"),
        pytest.param("12345 !!", "und", id="no-letters"),
        pytest.param("", "und", id="empty"),
        pytest.param("\ud800\udfff\ud800", "und", id="lone-surrogates"),
        pytest.param("یہ آواز مصنوعی ذہانت سے بنائی گئی ہے", "ur", id="urdu"),
        pytest.param("این صدا با هوش مصنوعی ساخته شده است", "fa", id="persian"),
        pytest.param("هذا الصوت ليس حقيقيا وأنشئ بالآلة", "ar", id="arabic"),
        pytest.param("دا غږ په مصنوعي ځيرکتيا جوړ شوی", "ps", id="pashto"),
        pytest.param("東京タワー", "ja", id="kana"),
        pytest.param("臺灣選舉", "zh-Hant", id="traditional"),
        pytest.param("总统在选举中说的话", "zh-Hans", id="simplified"),
        pytest.param("Imran Khan ki taqreer ki awaaz banao", "ur-Latn", id="romanised"),
    ],
)
def test_named_cases(text: str, language: str) -> None:
    assert identify(text).language == language


def test_english_that_looks_like_the_romanised_list() -> None:
    assert identify("Ho ho ho, go to the main gate").language == "en"


def test_scripts_are_reported() -> None:
    assert identify("Здравствуйте, это объявление").script == "Cyrl"
    assert identify("臺灣選舉").script == "Hant"
    assert identify("이 녹음은 실제가 아닙니다").script == "Kore"


def test_two_scripts_are_mixed() -> None:
    found = identify("This is a picture of a مصنوعی ذہانت سے تیار کردہ تصویر")
    assert found.mixed


def test_two_languages_in_one_script_are_mixed() -> None:
    found = identify(
        "Please read the statement in a calm voice. "
        "Les bureaux de vote fermeront à huit heures ce soir."
    )
    assert found.mixed


def test_an_acronym_does_not_make_it_mixed() -> None:
    assert not identify("یہ آواز AI سے بنائی گئی ہے اور اصل نہیں").mixed


def test_a_language_without_wording_is_never_sure() -> None:
    for text in (
        "Eg heiti Jón og bý á Íslandi, hvað heitir þú?",  # Icelandic
        "Dw i'n hoffi coffi a bara brith bob bore yn y gegin",  # Welsh
        "ئەم دەنگە بە زیرەکی دەستکرد دروست کراوە",  # Sorani
    ):
        assert identify(text).confidence < SURE


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_safe(text: str) -> None:
    found = identify(text)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.language == "und") == (found.confidence < FLOOR)


def test_only_the_beginning_is_read() -> None:
    start = "Les bureaux de vote fermeront à huit heures ce soir. "
    text = start * (LIMIT // len(start) + 1)
    assert identify(text + "یہ آواز مصنوعی ذہانت سے بنائی گئی ہے " * 10_000) == identify(text)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ur-PK", "ur"),
        ("EN_us", "en"),
        ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("pt", "pt-BR"),
        ("pt-AO", "pt-PT"),
        ("sr", "sr-Cyrl"),
        ("sr-Latn-RS", "sr-Latn"),
        ("no", "nb"),
        ("tl", "fil"),
        ("iw", "he"),
        ("cy", None),
        ("", None),
        ("../../etc", None),
    ],
)
def test_tags_resolve(tag: str, language: str | None) -> None:
    assert resolve(tag) == language


URDU = "یہ آواز مصنوعی ذہانت سے بنائی گئی ہے، عوام سے خطاب"
FRENCH = "Les bureaux de vote fermeront à huit heures ce soir."


@pytest.mark.parametrize(
    ("given_", "languages", "source", "warning"),
    [
        pytest.param({"declared": "fr"}, ("fr",), "declared", None, id="declared"),
        pytest.param({"declared": "cy"}, ("en",), "declared", "language.no_wording", id="no-row"),
        pytest.param(
            {"declared": "cy", "transcript": URDU},
            ("en", "ur"),
            "declared",
            "language.declared_differs",
            id="no-row-and-plain-urdu",
        ),
        pytest.param({"voice": "ur-PK", "prompt": FRENCH}, ("ur",), "voice", None, id="voice"),
        pytest.param(
            {"voice": "ur-PK-AsadNeural", "prompt": FRENCH}, ("ur",), "voice", None, id="voice-name"
        ),
        pytest.param(
            {"voice": "narrator_2", "transcript": URDU}, ("ur",), "transcript", None, id="no-tag"
        ),
        pytest.param(
            {"voice": "ann", "transcript": URDU}, ("ur",), "transcript", None, id="a-persons-name"
        ),
        pytest.param({"declared": "und", "prompt": FRENCH}, ("fr",), "prompt", None, id="und"),
        pytest.param(
            {"declared": "mul", "voice": "zxx", "audience": "sk"},
            ("sk",),
            "audience",
            None,
            id="codes-that-tell-nothing",
        ),
        pytest.param(
            {"transcript": URDU, "prompt": FRENCH}, ("ur",), "transcript", None, id="transcript"
        ),
        pytest.param({"prompt": FRENCH, "audience": "en"}, ("fr",), "prompt", None, id="prompt"),
        pytest.param({"prompt": "cat", "audience": "sk"}, ("sk",), "audience", None, id="audience"),
        pytest.param({"prompt": "cat"}, ("en",), "default", "language.unknown", id="nothing"),
        pytest.param({}, ("en",), "default", "language.unknown", id="nothing-at-all"),
        pytest.param(
            {"declared": "en", "transcript": URDU},
            ("en", "ur"),
            "declared",
            "language.declared_differs",
            id="pakistan",
        ),
    ],
)
def test_choice(
    given_: dict[str, str], languages: tuple[str, ...], source: str, warning: str | None
) -> None:
    made = choose(**given_)
    assert (made.languages, made.source, made.warning) == (languages, source, warning)


def test_doubt_adds_english() -> None:
    made = choose(prompt="Bonjour")
    assert made.languages == ("fr", "en")
    assert made.warning == "language.unsure"


def test_audience_settles_what_a_text_cannot() -> None:
    text = "Pročitaj ovaj tekst mirnim i prijateljskim glasom, molim te, polako"
    assert choose(transcript=text, audience="sr-Latn").languages[0] == "sr-Latn"
    assert choose(transcript=text, audience="bs").languages[0] == "bs"
