"""Text, pages, captions, drawings, and what platforms are told."""

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from disclosure_media import disclosed, media

from overt.disclosure import Catalogue, Content, Renderer, examine, plan, recheck
from overt.disclosure.html import COMPONENT, alt_text, component, element
from overt.disclosure.platforms import (
    IPTC,
    aigc,
    digital_source_type,
    names_ai,
    schema_org,
    upload_flags,
)
from overt.disclosure.text import captions_for, check_text
from overt.errors import StageError
from overt.models import Covers, Extent, Obligation

URDU = "یہ تحریر مصنوعی ذہانت سے لکھی گئی ہے"


@pytest.mark.parametrize(
    ("kind", "data", "starts"),
    [
        pytest.param("text/plain", "Hello.\n", f"\u2068{URDU}\u2069\n\nHello.\n", id="plain"),
        pytest.param("text/plain", "A\r\nB\r\n", f"\u2068{URDU}\u2069\r\n\r\nA\r\nB", id="crlf"),
        pytest.param("text/plain", "\ufeffA\n", f"\ufeff\u2068{URDU}\u2069\n\nA", id="bom"),
        pytest.param("text/markdown", "# T\n", f"> \u2068{URDU}\u2069  \n\n# T", id="markdown"),
        pytest.param(
            "text/markdown",
            "---\ntitle: x\n---\n# T\n",
            f"---\ntitle: x\n---\n> \u2068{URDU}\u2069",
            id="front-matter",
        ),
        pytest.param(
            "text/html",
            "<!doctype html><html><body class='a'><p>x</p></body></html>",
            '<!doctype html><html><body class=\'a\'><p class="ai-disclosure" role="note" '
            f'lang="ur" dir="rtl">{URDU}</p><p>x</p>',
            id="html",
        ),
        pytest.param(
            "text/vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n",
            f"WEBVTT\n\n00:00:00.000 --> 00:00:05.000 line:0\n{URDU}\n\n00:01.000",
            id="vtt",
        ),
        pytest.param(
            "application/x-subrip",
            "1\n00:00:01,000 --> 00:00:02,000\nhi\n\n2\n00:00:03,000 --> 00:00:04,000\nho\n",
            f"1\n00:00:00,000 --> 00:00:05,000\n{URDU}\n\n2\n00:00:01,000",
            id="srt",
        ),
    ],
)
def test_line_in_the_contents_language(kind: str, data: str, starts: str) -> None:
    made, (one,), _, _ = disclosed(media(data.encode(), kind), languages=("ur",))
    assert made.read().decode().startswith(starts)
    assert (one.mode, one.language) == ("text", "ur")


def test_srt_cues_are_renumbered_and_numbers_in_speech_are_not() -> None:
    data = "1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\nho\n"
    made, _, _, _ = disclosed(media(data.encode(), "application/x-subrip"))
    text = made.read().decode()
    assert "\n3\n00:00:03,000" in text
    assert "\n42\n" in text


def test_rest_of_the_text_is_untouched() -> None:
    data = "Zeile 1\n\n\tTab — ünïcode\n" * 50
    made, _, _, _ = disclosed(media(data.encode(), "text/plain"), languages=("de",))
    assert made.read().decode().endswith(data)


def test_empty_text_is_refused() -> None:
    for data, code in ((b" \n\n", "output.empty"), (b"\xff\xfe\x00a", "output.wrong_type")):
        with pytest.raises(StageError) as caught:
            examine(media(data, "text/plain"), declared="text/plain")
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        pytest.param(
            "<!doctype html><html><head><!-- <body> --></head><body>x</body></html>",
            "<!doctype html><html><head><!-- <body> --></head><body>",
            "x</body></html>",
            id="comment",
        ),
        pytest.param(
            '<!doctype html><head><script>a = "<body>"</script></head>\n<body class="a>b">x',
            '<!doctype html><head><script>a = "<body>"</script></head>\n<body class="a>b">',
            "x",
            id="script",
        ),
        pytest.param(
            "<!doctype html><meta charset=utf-8><title>a</title>\n<p>x</p>",
            "<!doctype html><meta charset=utf-8><title>a</title>\n",
            "<p>x</p>",
            id="no-body-tag",
        ),
        pytest.param("<!doctype html><html>x", "<!doctype html><html>", "x", id="bare-words"),
        pytest.param(
            "<!doctype html><title>a</title>", "<!doctype html><title>a</title>", "", id="head-only"
        ),
    ],
)
def test_a_page_shows_it_where_it_is_read(page: str, before: str, after: str) -> None:
    made, (one,), _, _ = disclosed(media(page.encode(), "text/html"), languages=("ur",))
    note = f'<p class="ai-disclosure" role="note" lang="ur" dir="rtl">{URDU}</p>'
    assert made.read().decode() == before + note + after
    assert one.evidence["found"] is True


def test_a_line_in_a_comment_of_a_page_is_not_found() -> None:
    owed = plan(Content("text/html"), (), (), ("ur",))
    hidden = f'<!doctype html><body><!-- <p class="ai-disclosure">{URDU}</p> --></body>'
    assert not check_text(hidden.encode(), "text/html", owed.text)


@pytest.mark.parametrize("kind", ["text/markdown", "text/html"])
def test_a_line_that_names_a_figure_is_found_again(kind: str) -> None:
    figure = Obligation(kind="disclose", strength="strong", wording="public_figure_label")
    asset = media(b"<!doctype html><body>x</body>" if "html" in kind else b"x\n", kind)
    made, (one,), owed, _ = disclosed(asset, obligations=(figure,), name="J_ <o> & co")
    assert "{name}" in one.text
    recheck(made, owed, [one], name="J_ <o> & co")
    with pytest.raises(StageError, match="nothing text"):
        recheck(made, owed, [one], name="somebody else")


def test_styles_of_captions_stay_before_the_first_cue() -> None:
    head = "WEBVTT\nKind: captions\n\nNOTE by hand\n\nSTYLE\n::cue { color: lime }"
    data = f"{head}\n\n1\n00:01.000 --> 00:02.000\nhi\n"
    made, _, _, _ = disclosed(media(data.encode(), "text/vtt"), languages=("ur",))
    assert made.read().decode().startswith(f"{head}\n\n00:00:00.000 --> 00:00:05.000 line:0\n")


def test_front_matter_of_hugo_stays_in_front() -> None:
    front = '+++\ntitle = "x"\n+++\n'
    made, _, _, _ = disclosed(media(f"{front}# T\n".encode(), "text/markdown"))
    assert made.read().decode().startswith(f"{front}> ")


@pytest.mark.parametrize("kind", ["text/markdown", "text/vtt", "text/html", "text/plain"])
def test_signs_that_a_format_escapes_are_found_again(kind: str) -> None:
    row = {"language": "en", "texts": {"label_text": "[AI] text & *more* <b>"}, "review": "own"}
    own = Renderer(catalogue=Catalogue.packaged().replaced([row]))
    data = {"text/vtt": b"WEBVTT\n", "text/html": b"<!doctype html><body>x"}.get(kind, b"x\n")
    asset = media(data, kind)
    owed = plan(Content(kind), (), (), ("en",), catalogue=own.catalogue)
    made, shown = own.disclose(asset, owed)
    assert shown[0].evidence["found"] is True
    recheck(made, owed, shown, renderer=own)


# --- drawings ----------------------------------------------------------------------------------

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60">'
    '<rect width="9" height="9"/></svg>'
)


def test_drawing_carries_its_label() -> None:
    made, (one,), _, _ = disclosed(media(SVG.encode(), "image/svg+xml"), languages=("ar",))
    root = ElementTree.fromstring(made.read())
    group = root[-1]
    assert group.get("role") == "note"
    assert "بالذكاء" in (group.get("aria-label") or "")
    assert (group[0].get("href") or "").startswith("data:image/png;base64,")
    assert float(group[0].get("x") or 0) + float(group[0].get("width") or 0) <= 100
    assert one.language == "ar"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SVG + "<!-- </svg> -->", id="comment-after-the-end"),
        pytest.param(SVG.replace("</svg>", "</svg ><?note </svg> ?>"), id="instruction"),
        pytest.param(
            '<svg:svg xmlns:svg="http://www.w3.org/2000/svg" width="100" height="60">'
            '<svg:rect width="9" height="9"/></svg:svg>',
            id="prefixed",
        ),
        pytest.param(
            SVG.replace("<rect", '<text>é</text><svg width="9" height="9"/><rect'), id="nested"
        ),
    ],
)
def test_a_drawings_label_is_part_of_the_drawing(data: str) -> None:
    asset = media(data.encode(), "image/svg+xml")
    made, (one,), owed, _ = disclosed(asset, languages=("ur",))
    group = ElementTree.fromstring(made.read())[-1]
    assert group.tag == "{http://www.w3.org/2000/svg}g"
    assert group.get("role") == "note"
    assert one.evidence["match"] > 0.9
    recheck(made, owed, [one])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('<g xmlns="http://www.w3.org/2000/svg" role', "<!-- <g role", id="comment"),
        pytest.param('role="note"', 'role="note" display="none"', id="hidden"),
        pytest.param('width="', 'width="0.', id="tiny"),
        pytest.param("</svg>", '<rect width="100" height="60"/></svg>', id="painted-over"),
    ],
)
def test_a_drawing_without_its_label_is_found_out(old: str, new: str) -> None:
    made, (one,), owed, _ = disclosed(media(SVG.encode(), "image/svg+xml"), languages=("ur",))
    before, after = made.read().decode().split("<g ", 1)
    text = before + ("<g " + after).replace(old, new)
    if old.startswith("<g"):
        text = text.replace("</g></svg>", "</g> --></svg>")
    with pytest.raises(StageError, match="falls short"):
        recheck(media(text.encode(), "image/svg+xml"), owed, [one])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "output.empty"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "output.unsupported"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><rect>', "output.corrupt"),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"/>', "output.empty"),
    ],
    ids=["nothing", "entities", "open-tag", "no-size"],
)
def test_bad_drawings_are_refused(data: str, code: str) -> None:
    with pytest.raises(StageError) as caught:
        examine(media(data.encode(), "image/svg+xml"), declared="image/svg+xml")
    assert caught.value.code == code


# --- pages -------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_element_reads_without_script_and_right_to_left() -> None:
    owed = plan(Content("image/png"), (), (), ("ur", "en"))
    tags = _Tags(element(owed.visible, detail="تفصیل", href="https://example.org/a?b=1&c=2")).tags
    spans = [attributes for tag, attributes in tags if tag == "span"]
    assert [(one["lang"], one["dir"]) for one in spans] == [("ur", "rtl"), ("en", "ltr")]
    assert tags[0][0] == "details"
    assert ("a", "https://example.org/a?b=1&c=2") in [(t, a.get("href")) for t, a in tags]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "http://example.org", "data:text/html,x"])
def test_only_https_links(href: str) -> None:
    owed = plan(Content("image/png"), (), (), ("en",))
    assert "href" not in element(owed.visible, href=href)
    assert "href" not in component(owed.visible[0], href=href)


def test_hostile_text_stays_text() -> None:
    owed = plan(Content("image/png"), (), (), ("en",))
    made = component(owed.visible[0], detail='"><img src=x onerror=alert(1)>')
    assert "img" not in {tag for tag, _ in _Tags(made).tags}


def test_component_needs_no_loosened_policy() -> None:
    for word in ("innerHTML", "eval", "Function(", "style=", 'setAttribute("style', "http:"):
        assert word not in COMPONENT


def test_alt_text_and_captions() -> None:
    owed = plan(Content("image/png"), (), (), ("fr",))
    assert alt_text("Un chat.", owed.visible[0]) == "Un chat (Généré par IA)"
    assert alt_text("", owed.visible[0]) == "Généré par IA"
    text = plan(Content("text/vtt"), (), (), ("fr",)).text
    assert captions_for(text, 3.0).startswith("WEBVTT\n\n00:00:00.000 --> 00:00:03.000")


# --- platforms ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Content("image/png"), "trainedAlgorithmicMedia"),
        (Content("video/mp4", covers=Covers.VOICE), "compositeWithTrainedAlgorithmicMedia"),
        (Content("image/png", edited_real=True), "compositeWithTrainedAlgorithmicMedia"),
        (Content("image/png", extent=Extent.SIGNIFICANT), "compositeWithTrainedAlgorithmicMedia"),
        (Content("image/png", extent=Extent.MINOR), "algorithmicallyEnhanced"),
        (Content("image/png", extent=Extent.NONE), None),
    ],
)
def test_digital_source_type(content: Content, expected: str | None) -> None:
    assert digital_source_type(content) == (IPTC + expected if expected else None)


def test_schema_org_is_safe_in_a_script() -> None:
    content = Content("image/png")
    made = schema_org(content, plan(content), "https://example.org/</script>")
    assert "</script" not in made
    assert json.loads(made)["digitalSourceType"].endswith("TrainedAlgorithmicMediaDigitalSource")


def test_aigc_has_the_seven_fields() -> None:
    made = json.loads(aigc(producer="P", produce_id="1"))
    assert list(made) == [
        *["Label", "ContentProducer", "ProduceID", "ReservedCode1"],
        *["ContentPropagator", "PropagateID", "ReservedCode2"],
    ]
    with pytest.raises(ValueError):
        aigc(producer="P", produce_id="1", label=4)


def test_upload_flags_follow_the_plan() -> None:
    content = Content("image/png")
    assert upload_flags(content, plan(content))["tiktok"]["is_aigc"] is True
    minor = Content("image/png", extent=Extent.MINOR)
    flags = upload_flags(minor, plan(minor))
    assert flags["google_ads"]["syntheticContentAttestationStatus"] == "NOT_SYNTHETIC"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("AI Manga", True), ("Filtre IA", True), ("KI-Stil", True), ("Dreamy Glow", False),
        ("Rain", False), ("Fairy tail", False), ("AI生成の絵", True), ("Ретушь ИИ", True),
        ("HAIR COLOUR", False), ("Mi amor", False), ("Ti voglio", False), ("FaceAI", True),
        ("ai art", True), ("MI-stílus", True), ("Umělá inteligence", True), ("", False),
    ],
)  # fmt: skip
def test_effect_names_say_ai(label: str, expected: bool) -> None:
    assert names_ai(label) is expected


@pytest.mark.parametrize("key", ["label_short", "label_altered", "label_voice"])
def test_our_own_labels_say_ai_in_every_language(key: str) -> None:
    catalogue = Catalogue.packaged()
    assert [
        tag for tag in catalogue.languages if not names_ai(catalogue.label(key, tag).text)
    ] == []
