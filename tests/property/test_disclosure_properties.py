"""Invariants of plans, labels and placements over generated inputs."""

import io

from disclosure_media import disclosed, media
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from overt.disclosure import Catalogue, Content, Facts, known, plan
from overt.disclosure.label import safe_name
from overt.models import Covers, Extent, Obligation, Strength

LANGUAGES = st.sampled_from(Catalogue.packaged().languages)
TYPES = st.sampled_from(["image/png", "audio/wav", "video/mp4", "text/plain"])


@st.composite
def contents(draw: st.DrawFn) -> Content:
    kind = draw(TYPES)
    facts = Facts(
        kind,
        width=1280,
        height=720,
        duration_s=60.0,
        has_audio=kind != "image/png" and draw(st.booleans()),
        has_video=kind == "video/mp4",
    )
    return Content(
        kind,
        facts,
        extent=draw(st.sampled_from(Extent)),
        covers=draw(st.sampled_from(Covers)),
        figure=draw(st.booleans()),
        satire=draw(st.booleans()),
        authorised_voice=draw(st.booleans()),
        synthetic_audio=draw(st.booleans()),
        synthetic_video=draw(st.booleans()),
        edited_real=draw(st.booleans()),
        declared_by=draw(st.sampled_from(["builder", "creator"])),
    )


@given(contents(), st.lists(LANGUAGES, min_size=1, max_size=3), st.sampled_from(known()))
def test_a_plan_speaks_the_contents_language_or_says_why_not(
    content: Content, languages: list[str], profile: str
) -> None:
    owed = plan(content, (), (profile,), languages)
    for part in (owed.visible, owed.text):
        if part:
            assert part[0].language == languages[0]
    if owed.spoken:
        assert owed.spoken[0].language in (languages[0], "en")
    if not owed.owed:
        quiet = content.extent in (Extent.NONE, Extent.MINOR) or owed.exempt is not None
        real = not (content.synthetic_audio or content.synthetic_video or content.edited_real)
        assert quiet or real


@given(contents(), LANGUAGES)
def test_a_stronger_obligation_never_removes_a_disclosure(content: Content, language: str) -> None:
    plain = plan(content, (), (), (language,))
    strong = Obligation(kind="disclose", strength=Strength.STRONG, wording="satire_label")
    more = plan(content, (strong,), (), (language,))
    for part in ("visible", "spoken", "text"):
        assert len(getattr(more, part)) >= bool(getattr(plain, part))


@given(contents(), LANGUAGES, st.sets(st.sampled_from(known()), max_size=3))
def test_more_profiles_never_make_it_smaller(
    content: Content, language: str, profiles: set[str]
) -> None:
    names = sorted(profiles - {"storytelling"})
    one = plan(content, (), (), (language,)).profile
    many = plan(content, (), names, (language,)).profile
    assert many.ink_px(1280, 720) >= one.ink_px(1280, 720)
    assert many.spoken_start >= one.spoken_start
    assert many.visible_whole >= one.visible_whole


@given(contents(), LANGUAGES)
def test_an_edit_is_never_called_a_generation(content: Content, language: str) -> None:
    if content.extent is not Extent.SIGNIFICANT or content.satire or content.authorised_voice:
        return
    owed = plan(content, (), (), (language,))
    assert all(one.kind in ("altered", "voice") for one in owed.spoken)
    assert all(one.key not in ("label_short", "label_visual") for one in owed.visible)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_names_are_always_isolated_and_short(name: str) -> None:
    made = safe_name(name)
    assert len(made) <= 62
    assert made[0] == "\u2068"
    assert made[-1] == "\u2069"
    assert not set(made[1:-1]) & set("\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\n\r\0")


@settings(max_examples=25)
@given(
    st.integers(1, 900),
    st.integers(1, 900),
    LANGUAGES,
    st.sampled_from(["white", "black", "orange"]),
)
def test_any_picture_gets_a_label_inside_it(
    width: int, height: int, language: str, colour: str
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    made, shown, _, _ = disclosed(media(buffer.getvalue(), "image/png"), languages=(language,))
    after = Image.open(io.BytesIO(made.read()))
    left, top, right, bottom = shown[0].evidence["box"]
    assert 0 <= left < right <= after.width
    assert 0 <= top < bottom <= after.height
    assert shown[0].evidence["contrast"] >= 7
