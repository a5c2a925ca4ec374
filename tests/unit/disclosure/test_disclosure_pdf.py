"""PDF: the label is seen on the first page, the rest is kept, and what does not work is told."""

import hashlib
import io
from typing import Any

import media_samples as samples
import numpy as np
import pypdfium2
import pytest
from disclosure_media import disclosed, media, picture

from overt import Guard, verify
from overt.disclosure import Content, examine
from overt.disclosure.facts import Limits
from overt.disclosure.pdf import examine_pdf, text_in
from overt.effects.change import changed_share
from overt.effects.declaration import declaration_of
from overt.effects.marking import mark
from overt.errors import Refused, StageError
from overt.models import Media, Request

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
A4 = (595, 842)


def document(
    *pages: str,
    size: tuple[int, int] = A4,
    page: str = "",
    catalogue: str = "",
    trailer: str = "",
    more: tuple[str, ...] = (),
) -> bytes:
    """A small document with one content stream a page."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}/MediaBox[0 0 {size[0]} {size[1]}]"
        "/Resources<</Font<</F1 3 0 R>>>>>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at, content in enumerate(pages):
        objects.append(f"<</Type/Page/Parent 2 0 R/Contents {5 + 2 * at} 0 R{page}>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate([*objects, *more], 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer<</Size {len(places) + 1}/Root 1 0 R{trailer}>>"
    return out + f"{end}\nstartxref\n{len(out)}\n%%EOF\n".encode("latin-1")


def said(text: str, at: str = "72 600") -> str:
    return f"BT /F1 12 Tf {at} Td ({text}) Tj ET"


LETTER = said("The council met on Tuesday to talk about the new bridge.")


def pages(data: bytes, scale: float = 1.0) -> list[Any]:
    with pypdfium2.PdfDocument(data) as opened:
        return [np.asarray(page.render(scale=scale).to_pil()).astype(int) for page in opened]


@pytest.mark.parametrize("language", ["en", "ur", "hi", "ja"])
def test_the_label_is_seen_on_the_first_page(language):
    before = document(LETTER, LETTER, LETTER)
    made, (one,), _, facts = disclosed(media(before, "application/pdf"), languages=(language,))
    assert (one.mode, one.language) == ("text", language)
    assert one.evidence["page"] == 1
    assert one.evidence["contrast"] >= 7
    assert one.evidence["match"] > 0.75
    assert facts.frames == 3
    old, new = pages(before), pages(made.read())
    assert [page.shape for page in old] == [page.shape for page in new]
    assert (old[0] != new[0]).any()
    for was, now in zip(old[1:], new[1:], strict=True):
        assert (was == now).all()
    assert text_in(made.read()).count("new bridge") == 3


def test_everything_but_the_label_is_as_it_was():
    before = document(LETTER)
    made, (one,), _, _ = disclosed(media(before, "application/pdf"))
    width, height = one.evidence["size"]
    left, top, right, bottom = one.evidence["box"]
    old, new = pages(before)[0], pages(made.read())[0]
    across, down = old.shape[1] / width, old.shape[0] / height
    changed = np.argwhere((old != new).any(axis=2))
    assert changed[:, 0].min() >= int(top * down) - 1
    assert changed[:, 0].max() <= bottom * down + 1
    assert changed[:, 1].min() >= int(left * across) - 1
    assert changed[:, 1].max() <= right * across + 1
    # Letters about as high as those of the text, and no poster.
    assert (bottom - top) * 842 / height < 40


@pytest.mark.parametrize(
    ("page", "content"),
    [
        ("/Rotate 90", LETTER),
        ("/Rotate 180", LETTER),
        ("/Rotate 270", LETTER),
        ("/CropBox[100 200 500 800]", LETTER),
        ("/Rotate 90/CropBox[100 200 500 800]", LETTER),
        ("/MediaBox[-300 -400 295 442]", LETTER),
        ("/UserUnit 2", LETTER),
        ("", "q 0.1 0 0 0.1 300 300 cm " + LETTER),  # a state that is never given back
        ("", "Q Q " + LETTER),
        ("", ""),
    ],
)
def test_odd_pages_show_it_too(page, content):
    _, (one,), _, _ = disclosed(media(document(content, page=page), "application/pdf"))
    assert one.evidence["match"] > 0.75


def test_a_page_that_cuts_the_label_away_is_not_released():
    with pytest.raises(StageError) as raised:
        disclosed(media(document("0 0 10 10 re W n " + LETTER), "application/pdf"))
    assert raised.value.code == "disclose.mismatch"


def test_it_stands_where_little_is():
    crowded = " ".join(said("busy " * 30, f"10 {y}") for y in range(500, 840, 9))
    _, (one,), _, _ = disclosed(media(document(crowded), "application/pdf"))
    assert one.evidence["box"][1] > one.evidence["size"][1] / 2


def test_a_named_figure_is_drawn_and_not_kept():
    content = Content("application/pdf", satire=True)
    made, shown, _, _ = disclosed(media(document(LETTER), "application/pdf"), content, name="Ann")
    assert shown[0].wording == "satire_label"
    assert b"Ann" not in made.read()


def protected() -> bytes:
    """Opens without a password, and may not be changed."""

    def cipher(key: bytes, data: bytes) -> bytes:
        box, j = list(range(256)), 0
        for i in range(256):
            j = (j + box[i] + key[i % len(key)]) & 255
            box[i], box[j] = box[j], box[i]
        out, i, j = bytearray(), 0, 0
        for octet in data:
            i = (i + 1) & 255
            j = (j + box[i]) & 255
            box[i], box[j] = box[j], box[i]
            out.append(octet ^ box[(box[i] + box[j]) & 255])
        return bytes(out)

    owner = cipher(hashlib.md5(b"boss".ljust(32, _PAD[:1])).digest()[:5], _PAD)
    rights = (-4 & 0xFFFFFFFF).to_bytes(4, "little")
    key = hashlib.md5(_PAD + owner + rights + b"0123456789abcdef").digest()[:5]
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{owner.hex()}>/U<{cipher(key, _PAD).hex()}>>>"
    name = f"<{b'0123456789abcdef'.hex()}>"
    return document(LETTER, more=(lock,), trailer=f"/Encrypt 6 0 R/ID[{name}{name}]")


def locked() -> bytes:
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{'00' * 32}>>>"
    return document(LETTER, more=(lock,), trailer=f"/Encrypt 6 0 R/ID[<{'00' * 16}><{'00' * 16}>]")


def signed_by_somebody() -> bytes:
    return document(
        LETTER,
        catalogue="/AcroForm<</Fields[6 0 R]/SigFlags 3>>",
        more=(
            "<</FT/Sig/T(s)/V 7 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>",
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached"
            "/ByteRange[0 10 20 10]/Contents<00>>>",
        ),
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (protected, "output.encrypted"),
        (locked, "output.encrypted"),
        (signed_by_somebody, "output.unsupported"),
        (lambda: document(), "output."),
        (lambda: document(LETTER)[:40], "output.corrupt"),
        (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 9, "output.corrupt"),
        (lambda: picture(64, 64), "output.wrong_type"),
    ],
    ids=["protected", "locked", "signed", "no pages", "cut", "noise", "png"],
)
def test_what_cannot_be_labelled_is_told(data, code):
    with pytest.raises(StageError) as raised:
        examine(media(data(), "application/pdf"), declared="application/pdf")
    assert raised.value.code.startswith(code)


def test_too_many_pages_are_told():
    with pytest.raises(StageError) as raised:
        examine_pdf(document(*[LETTER] * 4), Limits(frames=3))
    assert raised.value.code == "output.too_large"


def test_without_pdfium_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("overt.disclosure.pdf.has_pdf", lambda: False)
    with pytest.raises(StageError) as raised:
        examine(media(document(LETTER), "application/pdf"), declared="application/pdf")
    assert raised.value.code == "output.unsupported"
    assert "overt[pdf]" in str(raised.value)


def test_a_tiny_page_has_no_room():
    with pytest.raises(StageError) as raised:
        disclosed(media(document(LETTER, size=(600, 4)), "application/pdf"))
    assert raised.value.code == "disclose.no_room"


@pytest.mark.parametrize("extent", ["minor", "significant"])
def test_it_is_marked_like_any_other_file(extent, tmp_path):
    source, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_bytes(document(LETTER, LETTER))
    asset = Media(media_type="application/pdf", path=source)
    request = Request(prompt="", media_type="application/pdf", act="alter", extent=extent)
    with Guard.ephemeral() as guard:
        result = guard.mark(asset, request, destination=out)
        root = (guard._parts.config.folder / ".overt/identity/root.pem").read_bytes()
    assert result.sidecar is None
    assert source.read_bytes() == document(LETTER, LETTER)
    assert [one.mode for one in result.disclosures] == (["text"] if extent != "minor" else [])
    seen = verify(out, trust=root, require_disclosure=extent == "significant")
    assert (seen.integrity, seen.trust, seen.passed) == ("valid", "trusted", True)
    assert [one.relationship for one in seen.ingredients] == ["parentOf"]
    oracle = samples.oracle(out.read_bytes(), "application/pdf", root)
    assert (oracle["integrity"], oracle["hard_binding"]) == ("valid", "match")
    same = (pages(out.read_bytes())[0] == pages(source.read_bytes())[0]).all()
    assert same == (extent == "minor")


def test_what_a_document_says_is_screened():
    harm = document(said("Polls are closed. Democrats vote on Wednesday, stay home on Tuesday."))
    request = Request(prompt="a leaflet", media_type="application/pdf", country="US")
    with Guard.ephemeral() as guard:
        clearance = guard.prepare(request)
        with pytest.raises(Refused):
            guard.finish(clearance, media(harm, "application/pdf"))


def test_documents_of_other_makers_are_labelled():
    made, (one,), _, _ = disclosed(samples.media("application/pdf", samples.picture("PDF")))
    assert one.evidence["match"] > 0.75
    again = io.BytesIO(made.read())
    assert len(pypdfium2.PdfDocument(again)) == 1


def test_a_plate_is_its_parent_and_is_not_compared(tmp_path):
    """Pages are not pictures: under `minor` the declaration counts, and the record says so."""
    plate, shot, out = (tmp_path / f"{name}.pdf" for name in ("plate", "shot", "out"))
    plate.write_bytes(document(LETTER))
    shot.write_bytes(document(said("Another text altogether. " * 3)))
    declared = declaration_of({"extent": "minor", "plate": str(plate)}, "the declaration")
    with Guard.ephemeral() as guard:
        asset = Media(media_type="application/pdf", path=shot)
        result = mark(guard, asset, declared, destination=out, isolated=False)
        root = (guard._parts.config.folder / ".overt/identity/root.pem").read_bytes()
    assert result.disclosures == ()
    assert changed_share(Media(media_type="application/pdf", path=plate), asset) is None
    seen = verify(out, trust=root)
    assert seen.passed
    assert [one.relationship for one in seen.ingredients] == ["parentOf"]
    assert b"DigitalSourceType>" in out.read_bytes()
