"""What is owed: the rules as a table, and the plan as a value."""

import json
from pathlib import Path
from typing import Any

import pytest

from overt.disclosure import Catalogue, Content, Facts, plan
from overt.disclosure.clips import clip_for
from overt.disclosure.profiles import combined, known, profile
from overt.errors import ConfigError, StageError
from overt.models import Covers, Extent, Obligation

FILM = Facts("video/mp4", width=1280, height=720, duration_s=60, has_audio=True, has_video=True)
SILENT = Facts("video/mp4", width=1280, height=720, duration_s=60, has_video=True)


def strong(wording: str | None = None, **more: Any) -> Obligation:
    return Obligation(kind="disclose", strength="strong", wording=wording, **more)


def keys(content: Content, *obligations: Obligation) -> dict[str, list[str]]:
    made = plan(content, obligations, (), ("en",))
    return {
        "visible": [one.key for one in made.visible],
        "spoken": [one.key for one in made.spoken],
        "text": [one.key for one in made.text],
    }


@pytest.mark.parametrize(
    ("content", "obligations", "visible", "spoken", "text"),
    [
        pytest.param(Content("image/png"), (), ["label_short"], [], [], id="picture"),
        pytest.param(Content("audio/wav"), (), [], ["spoken_generated"], [], id="speech"),
        pytest.param(
            Content("video/mp4", FILM),
            (),
            ["label_short"],
            ["spoken_generated"],
            ["label_short"],
            id="video",
        ),
        pytest.param(
            Content("video/mp4", SILENT),
            (),
            ["label_short"],
            [],
            ["label_short"],
            id="silent-video",
        ),
        pytest.param(
            Content("video/mp4", FILM, covers=Covers.VOICE, edited_real=True),
            (),
            ["label_voice"],
            ["spoken_voice"],
            ["label_voice"],
            id="cloned-voice-over-real-footage",
        ),
        pytest.param(
            Content("video/mp4", FILM, covers=Covers.VOICE),
            (),
            ["label_voice"],
            ["spoken_voice"],
            ["label_voice"],
            id="made-voice-over-pictures-that-are-not-said-to-be-made",
        ),
        pytest.param(
            Content("video/mp4", FILM, covers=Covers.IMAGE, edited_real=True),
            (),
            ["label_altered"],
            [],
            ["label_altered"],
            id="edited-pictures-under-real-sound",
        ),
        pytest.param(
            Content("image/jpeg", extent=Extent.SIGNIFICANT, edited_real=True),
            (),
            ["label_altered"],
            [],
            [],
            id="edit",
        ),
        pytest.param(
            Content("audio/wav", extent=Extent.SIGNIFICANT, edited_real=True),
            (),
            [],
            ["spoken_altered"],
            [],
            id="edited-sound",
        ),
        pytest.param(Content("image/png", extent=Extent.MINOR), (), [], [], [], id="minor-edit"),
        pytest.param(Content("audio/wav", extent=Extent.NONE), (), [], [], [], id="untouched"),
        pytest.param(
            Content("image/png", extent=Extent.MINOR),
            (strong("public_figure_label"),),
            ["public_figure_label"],
            [],
            [],
            id="minor-edit-of-a-figure",
        ),
        pytest.param(
            Content("image/png", satire=True), (), ["satire_label"], [], [], id="satire-drawing"
        ),
        pytest.param(
            Content("audio/wav", satire=True), (), [], ["spoken_satire"], [], id="satire-speech"
        ),
        pytest.param(
            Content("audio/wav", authorised_voice=True),
            (),
            [],
            ["spoken_authorised"],
            [],
            id="authorised-voice",
        ),
        pytest.param(
            Content("image/png", declared_by="creator"),
            (),
            ["creator_labeled"],
            [],
            [],
            id="creator",
        ),
        pytest.param(Content("text/plain"), (), [], [], ["label_text"], id="text"),
        pytest.param(Content("text/vtt"), (), [], [], ["label_text"], id="captions"),
        pytest.param(
            Content("application/x-subrip"), (), [], [], ["label_text"], id="subrip-captions"
        ),
    ],
)
def test_wording(
    content: Content,
    obligations: tuple[Obligation, ...],
    visible: list[str],
    spoken: list[str],
    text: list[str],
) -> None:
    assert keys(content, *obligations) == {"visible": visible, "spoken": spoken, "text": text}


@pytest.mark.parametrize("language", Catalogue.packaged().languages)
def test_an_edit_never_says_not_a_real_recording(language: str) -> None:
    catalogue = Catalogue.packaged()
    generated = catalogue.spoken("generated", language)
    assert generated is not None
    for kind in ("altered", "voice"):
        word = catalogue.spoken(kind, language)
        assert word is None or word.text != generated.text
    assert catalogue.label("label_voice", language).text != (
        catalogue.label("label_short", language).text
    )


def test_plan_is_pure_and_equal_inputs_give_equal_plans() -> None:
    content = Content("video/mp4", FILM, figure=True)
    assert plan(content, (), (), ("ur",)) == plan(content, (), (), ("ur",))


def test_plan_goes_into_json_without_names() -> None:
    made = plan(Content("image/png"), (strong("public_figure_label"),), (), ("ur", "en"))
    text = json.dumps(made.to_json(), ensure_ascii=False)
    assert "{name}" in text
    assert json.loads(text)["catalogue"] == Catalogue.packaged().version


def test_consent_language_is_added() -> None:
    made = plan(Content("audio/wav"), (Obligation(kind="disclose", language="ur"),), (), ("en",))
    assert [one.language for one in made.spoken] == ["en", "ur"]


def test_a_mode_that_the_media_cannot_carry_is_refused() -> None:
    with pytest.raises(StageError) as caught:
        plan(Content("image/png"), (Obligation(kind="disclose", modes=("spoken",)),), (), ("en",))
    assert caught.value.code == "disclose.mode_impossible"


def test_one_of_several_modes_is_enough() -> None:
    owed = (Obligation(kind="disclose", modes=("spoken", "visible")),)
    assert plan(Content("image/png"), owed, (), ("ur",)).visible


def test_a_figures_voice_is_announced_at_start_end_and_between() -> None:
    rules = plan(Content("audio/wav", figure=True), (), (), ("en",)).profile
    assert rules.spoken_start
    assert rules.spoken_end
    assert rules.spoken_every_s == 120.0


def test_a_weak_clip_brings_english() -> None:
    weak = next(
        tag
        for tag in Catalogue.packaged().languages
        if (clip := clip_for(tag, "generated")) is not None and clip.weak
    )
    made = plan(Content("audio/wav"), (), (), (weak,))
    assert [one.language for one in made.spoken] == [weak, "en"]
    own = plan(Content("audio/wav"), (), (), (weak,), speaks=(weak,))
    assert [one.language for one in own.spoken] == [weak]


def test_a_language_nobody_speaks_is_planned_in_its_own_words_and_english() -> None:
    made = plan(Content("audio/wav"), (), (), ("am",))
    assert [one.language for one in made.spoken] == ["am", "en"]


def test_an_unknown_language_falls_to_english() -> None:
    assert plan(Content("image/png"), (), (), ("tlh",)).languages == ("en",)


# --- profiles ----------------------------------------------------------------------------------


def test_every_profile_loads() -> None:
    assert len(known()) >= 20
    for name in known():
        assert profile(name).ids == (name,)


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(ConfigError, match="eu-art51"):
        combined(("eu-art51",))


def test_figures_of_the_laws() -> None:
    assert combined(("cn-gb45438",)).ink_px(1920, 1080) == 54
    assert combined(("us-mt-sb25",)).ink_px(1080, 1920) == 77
    both = combined(("cn-gb45438", "us-mt-sb25"))
    assert both.ink_px(1080, 1920) == 77
    assert both.ink_px(1920, 1080) == 54


def test_combining_takes_the_stricter_and_order_does_not_matter() -> None:
    names = ("us-wa-synthetic", "eu-art50", "cn-gb45438")
    one, other = combined(names), combined(names[::-1])
    assert one.spoken_every_s == other.spoken_every_s == 120.0
    assert one.ink_short_side == other.ink_short_side == 0.05
    assert one.mark == other.mark == "AI"


def test_chinese_law_adds_chinese() -> None:
    made = plan(Content("image/png"), (), ("cn-gb45438",), ("en",))
    assert made.languages == ("en", "zh-Hans")


def test_statutory_sentence_is_exact_and_beside_the_catalogue() -> None:
    made = plan(Content("video/mp4", FILM), (), ("us-wa-synthetic",), ("es",))
    assert [one.text for one in made.visible] == [
        "Generado con IA",
        "This video has been manipulated",
    ]


def test_storytelling_takes_labels_out_unless_a_law_is_named() -> None:
    story = combined(("storytelling",))
    assert not story.inside
    assert not story.spoken_start
    assert story.end_card_s > 0
    assert combined(("storytelling", "in-it-2026")).inside


def test_a_law_beside_storytelling_keeps_the_repeats_of_a_figures_voice() -> None:
    figure = Content("audio/wav", figure=True)
    made = plan(figure, (), ("storytelling", "eu-art50"), ("en",))
    assert (made.profile.spoken_start, made.profile.spoken_end) == (True, True)
    assert made.profile.spoken_every_s == 120
    alone = plan(figure, (), ("storytelling",), ("en",)).profile
    assert (alone.spoken_start, alone.spoken_every_s) == (False, None)


def test_strictest_is_no_looser_than_any_profile() -> None:
    strictest = combined(("strictest",))
    for name in known():
        one = combined((name,))
        for size in ((1920, 1080), (1080, 1920), (500, 500)):
            assert strictest.ink_px(*size) >= one.ink_px(*size)
        assert strictest.spoken_min_s >= one.spoken_min_s


# --- wording -----------------------------------------------------------------------------------


def test_a_builders_rows_replace_ours_and_say_so() -> None:
    row = {"language": "ur", "texts": {"label_short": "اے آئی"}, "review": "reviewed by N. N."}
    mine = Catalogue.packaged().replaced([row])
    word = mine.label("label_short", "ur")
    assert (word.text, word.review) == ("اے آئی", "reviewed by N. N.")
    assert mine.version != Catalogue.packaged().version
    assert mine.label("label_altered", "ur").text == (
        Catalogue.packaged().label("label_altered", "ur").text
    )


def test_a_review_counts_for_the_strings_it_brings() -> None:
    ours = Catalogue.packaged().label("label_altered", "ur").review
    row = {"language": "ur", "texts": {"label_short": "اے آئی"}, "review": "reviewed by N. N."}
    mine = Catalogue.packaged().replaced([row])
    assert mine.label("label_altered", "ur").review == ours
    spoken = mine.spoken("generated", "ur")
    assert spoken is not None
    assert spoken.review == ours
    silent = Catalogue.packaged().replaced([{"language": "ur", "texts": row["texts"]}])
    assert "machine-drafted" not in str(silent.label("label_short", "ur").review)
    whole = Catalogue.packaged().replaced([{"language": "ur", "review": "read by N. N."}])
    assert whole.label("label_altered", "ur").review == "read by N. N."


def test_wordings_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "wording.jsonl"
    path.write_text('{"language": "ur", "texts": {"label_short": "اے آئی"}, "review": "N. N."}\n')
    word = Catalogue.packaged().laid_over(path).label("label_short", "ur")
    assert (word.text, word.review) == ("اے آئی", "N. N.")
    path.write_text("{")
    with pytest.raises(ConfigError, match="wording file"):
        Catalogue.packaged().laid_over(path)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"texts": {"label_short": "x"}}, id="no-language"),
        pytest.param({"language": "ur", "texts": {"label_shrt": "x"}}, id="unknown-key"),
        pytest.param({"language": "ur", "texts": {"public_figure_label": "x"}}, id="name-dropped"),
    ],
)
def test_bad_rows_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Catalogue.packaged().replaced([row])


def test_a_builders_new_language_is_planned_in() -> None:
    texts = {"label_short": "Gwnaed gan AI", "label_altered": "Newidiwyd gan AI"}
    row = {"language": "cy", "name": "Welsh", "texts": texts, "review": "reviewed by N. N."}
    mine = Catalogue.packaged().replaced([row])
    made = plan(Content("image/png"), (), (), ("cy",), catalogue=mine)
    assert [(one.language, one.text) for one in made.visible] == [("cy", "Gwnaed gan AI")]
