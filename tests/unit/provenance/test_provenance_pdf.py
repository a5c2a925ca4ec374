"""XMP in PDF: every form of document gets it, keeps what it says, and is still signed well."""

import io
import os
import shutil
import subprocess
import zlib
from contextlib import suppress
from functools import cache

import media_samples as samples
import pypdfium2
import pytest
from pypdf import PdfReader

from overt.errors import StageError
from overt.inspect import verify
from overt.provenance import pdf as writer
from overt.provenance.splice import Spliced
from overt.provenance.xmp import ChinaLabel, edits_for, packet

TYPE = "application/pdf"
ROOT = samples.keys().root
NEW = packet("trainedAlgorithmicMedia")
OURS = NEW[NEW.index(b"<rdf:Description") : NEW.index(b"</rdf:RDF>")].decode()
CONTENT = "BT /F1 12 Tf 72 600 Td (The council met on Tuesday.) Tj ET"
THEIRS = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li '
    'xml:lang="x-default">Minutes</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
)


def objects(*more: bytes, catalogue: str = "") -> list[bytes]:
    return [
        f"<</Type/Catalog/Pages 2 0 R/Lang(en-GB){catalogue}>>".encode(),
        b"<</Type/Pages/Kids[4 0 R]/Count 1/MediaBox[0 0 595 842]"
        b"/Resources<</Font<</F1 3 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
        stream(CONTENT.encode()),
        b"<</Title(Minutes of the council)>>",
        *more,
    ]


def stream(body: bytes, entries: str = "") -> bytes:
    return f"<</Length {len(body)}{entries}>>stream\n".encode() + body + b"\nendstream"


def written(parts: list[bytes], start: int = 1, out: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"):
    """The objects one behind the other, and where each is."""
    places = {}
    for number, body in enumerate(parts, start):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    return out, places


def tabled(parts: list[bytes], trailer: str = "", end: str = "%%EOF\n") -> bytes:
    out, places = written(parts)
    table = "".join(f"{place:010} 00000 n \n" for place in places.values())
    size = len(places) + 1
    last = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R"
    return out + f"{last}/Info 6 0 R{trailer}>>\nstartxref\n{len(out)}\n{end}".encode()


def _streamed(parts: list[bytes], out: bytes, places: dict[int, int]) -> tuple[bytes, int]:
    """`parts` 1 to 4 and 6 in an object stream, and a stream of cross-references."""
    inner = [number for number, body in enumerate(parts, 1) if b"stream" not in body]
    heads, body = "", b""
    for number in inner:
        heads += f"{number} {len(body)} "
        body += parts[number - 1] + b" "
    holder, own = len(parts) + 1, len(parts) + 2
    packed = zlib.compress(heads.encode() + body)
    entries = f"/Type/ObjStm/N {len(inner)}/First {len(heads)}/Filter/FlateDecode"
    out, more = written([stream(packed, entries)], holder, out)
    places = {**places, **more, own: len(out)}
    rows = b"\x00\x00\x00\xff"
    for number in range(1, own + 1):
        if number in inner:
            rows += b"\x02" + holder.to_bytes(2, "big") + bytes([inner.index(number)])
        else:
            rows += b"\x01" + places[number].to_bytes(2, "big") + b"\x00"
    entries = f"/Type/XRef/Size {own + 1}/W[1 2 1]/Root 1 0 R/Info 6 0 R"
    return written([stream(rows, entries)], own, out)[0], places[own]


def streamed(parts: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", {}
    for number, body in enumerate(parts, 1):
        if b"stream" in body:
            out, more = written([body], number, out)
            places |= more
    out, last = _streamed(parts, out, places)
    return out + f"startxref\n{last}\n%%EOF\n".encode()


def hybrid(parts: list[bytes]) -> bytes:
    """A table for old readers, and an object stream with one object that only new ones find."""
    number = len(parts) + 1
    out, places = written(parts)
    hidden = b"<</Type/StructTreeRoot>>"
    heads = f"{number} 0 ".encode()
    out, more = written(
        [stream(heads + hidden, f"/Type/ObjStm/N 1/First {len(heads)}")], number + 1, out
    )
    rows = b"\x02" + (number + 1).to_bytes(2, "big") + b"\x00"
    rows += b"\x01" + more[number + 1].to_bytes(2, "big") + b"\x00"
    beside = len(out)
    entries = f"/Type/XRef/Size {number + 3}/Index[{number} 2]/W[1 2 1]/Root 1 0 R"
    out, _ = written([stream(rows, entries)], number + 2, out)
    table = "".join(f"{place:010} 00000 n \n" for place in places.values())
    last = f"xref\n0 {number}\n0000000000 65535 f \n{table}trailer\n<</Size {number + 3}/Root 1 0 R"
    last += f"/Info 6 0 R/XRefStm {beside}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + last.encode()


def twice(data: bytes) -> bytes:
    """A document that was updated before."""
    out, places = written([b"<</Title(Minutes, amended)>>"], 6, data)
    last = int(data.split(b"startxref")[-1].split()[0])
    end = f"xref\n6 1\n{places[6]:010} 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Info 6 0 R"
    return out + f"{end}/Prev {last}>>\nstartxref\n{len(out)}\n%%EOF\n".encode()


def kept(name: str) -> bytes:
    return (samples.DATA / name).read_bytes()


FORMS = {
    "table": lambda: tabled(objects()),
    "no line at the end": lambda: tabled(objects(), end="%%EOF"),
    "stream": lambda: streamed(objects()),
    "hybrid": lambda: hybrid(objects(catalogue="/StructTreeRoot 7 0 R")),
    "linearised": lambda: kept("linearised.pdf"),
    "linearised with streams": lambda: kept("linearised-streams.pdf"),
    "updated before": lambda: twice(tabled(objects())),
    "Pillow": lambda: samples.sample(TYPE),
    "a catalogue that says so of nothing": lambda: tabled(objects(catalogue="/Metadata 99 0 R")),
    "metadata that is no stream": lambda: tabled(objects(catalogue="/Metadata 6 0 R")),
}


@cache
def chinese():
    return samples.keys().embedder(china=ChinaLabel(producer="0123456789", produce_id="d-1"))


every_form = pytest.mark.parametrize("form", FORMS)


def updated(data: bytes, xmp: bytes = NEW) -> bytes:
    edits = edits_for(io.BytesIO(data), TYPE, xmp)
    return Spliced(io.BytesIO(data), edits).read() if edits else data


def signed(data: bytes, embedder=None) -> bytes:
    made = (embedder or samples.embedder()).sign(samples.media(TYPE, data), samples.manifest(TYPE))
    assert made.sidecar is None
    return made.media.read()


def xmp_of(data: bytes) -> bytes:
    return PdfReader(io.BytesIO(data), strict=True).trailer["/Root"]["/Metadata"].get_data()


def shown(thing) -> bytes:
    out = io.BytesIO()
    thing.write_to_stream(out)
    return out.getvalue()


def said(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as opened:
        return opened[0].get_textpage().get_text_bounded()


@every_form
def test_the_update_leaves_every_byte_and_is_in_order(form):
    before = FORMS[form]()
    after = updated(before)
    assert after.startswith(before)
    assert xmp_of(after) == NEW
    old, new = (PdfReader(io.BytesIO(each), strict=True) for each in (before, after))
    assert new.metadata == old.metadata
    for key in old.trailer["/Root"]:
        if key != "/Metadata":
            assert shown(new.trailer["/Root"].raw_get(key)) == shown(
                old.trailer["/Root"].raw_get(key)
            )
    assert said(after) == said(before)
    last = after[int(after.split(b"startxref")[-1].split()[0]) :]
    assert last.startswith(b"xref") == (form not in ("stream", "linearised with streams"))


@every_form
def test_it_is_signed_with_it_and_stays_valid(form):
    before = FORMS[form]()
    after = signed(before)
    assert xmp_of(after) == NEW
    oracle = samples.oracle(after, TYPE, ROOT)
    assert (oracle["integrity"], oracle["hard_binding"]) == ("valid", "match")
    assert oracle["validation_results"]["failure"] == []
    seen = verify(after, trust=ROOT, require_disclosure=True)
    assert (seen.integrity, seen.trust, seen.passed) == ("valid", "trusted", True)
    assert said(after) == said(before)
    old, new = (PdfReader(io.BytesIO(each)).metadata for each in (before, after))
    assert new == old
    at = after.index(b"trainedAlgorithmicMedia")
    assert verify(samples.flipped(after, at), trust=ROOT).integrity == "invalid"


def test_what_a_hybrid_hides_from_old_readers_is_still_there():
    after = signed(FORMS["hybrid"]())
    tree = PdfReader(io.BytesIO(after)).trailer["/Root"]["/StructTreeRoot"]
    assert tree["/Type"] == "/StructTreeRoot"


@pytest.mark.skipif(
    shutil.which("exiftool") is None and os.environ.get("CI") != "true",
    reason="install libimage-exiftool-perl",
)
@every_form
def test_exiftool_reads_it(form, tmp_path):
    path = tmp_path / "asset.pdf"
    path.write_bytes(signed(FORMS[form](), chinese()))
    fields = ("-XMP-iptcExt:DigitalSourceType", "-XMP:Aigc", "-Error", "-Warning")
    done = subprocess.run(
        ["exiftool", "-s", *fields, str(path)], capture_output=True, text=True, check=True
    )
    found = dict(line.split(":", 1) for line in done.stdout.splitlines())
    found = {key.strip(): value.strip() for key, value in found.items()}
    assert found.pop("DigitalSourceType").endswith("/trainedAlgorithmicMedia")
    assert '"ContentProducer":"0123456789"' in found.pop("Aigc")
    assert not found


@pytest.mark.parametrize(
    ("body", "entries"),
    [(THEIRS.encode(), ""), (zlib.compress(THEIRS.encode()), "/Filter/FlateDecode")],
    ids=["plain", "compressed"],
)
@pytest.mark.parametrize("form", [tabled, streamed])
def test_a_packet_that_is_there_keeps_what_it_says(form, body, entries):
    theirs = stream(body, f"/Type/Metadata/Subtype/XML{entries}")
    before = form(objects(theirs, catalogue="/Metadata 7 0 R"))
    for after in (updated(before), signed(before)):
        found = xmp_of(after).decode()
        assert "Minutes</rdf:li>" in found
        assert "digitalsourcetype/trainedAlgorithmicMedia<" in found
        assert found.replace(OURS, "") == THEIRS
    assert verify(signed(before), trust=ROOT).passed


@pytest.mark.parametrize(
    "theirs",
    [
        THEIRS.replace("dc:title", "x:DigitalSourceType").encode(),
        THEIRS.encode("utf-16"),
        b"nothing of the kind",
    ],
    ids=["says its source", "UTF-16", "no packet"],
)
def test_a_packet_that_cannot_take_it_stays(theirs):
    theirs = stream(theirs, "/Type/Metadata/Subtype/XML")
    before = tabled(objects(theirs, catalogue="/Metadata 7 0 R"))
    assert updated(before) == before
    assert verify(signed(before), trust=ROOT).passed


def broken() -> dict[str, bytes]:
    whole = tabled(objects())
    place = whole.rindex(b"startxref") + 10
    return {
        "startxref points elsewhere": whole[:place] + b"7" + whole[place + 1 :],
        "no startxref": whole.replace(b"startxref", b"tartxrefs"),
        "no catalogue": whole.replace(b"/Root 1 0 R", b"/Root 9 0 R"),
        "another thing as the catalogue": whole.replace(b"/Root 1 0 R", b"/Root 6 0 R"),
        "cut": whole[:-60],
        "noise": b"%PDF-1.7\n" + bytes(range(256)) * 9,
        "turns in a circle": twice(whole).replace(b"/Prev", b"/Prev 0/P")[:-3],
    }


@pytest.mark.parametrize("kind", broken())
def test_a_broken_document_is_left_alone(kind):
    data = broken()[kind]
    assert edits_for(io.BytesIO(data), TYPE, NEW) == []
    with suppress(StageError):  # what the signing library can read, it signs as before
        assert verify(signed(data), trust=ROOT).passed


@pytest.mark.parametrize("metadata", [True, False])
def test_an_encrypted_document_is_not_signed_in_the_clear(metadata):
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{'00' * 32}>>>".encode()
    data = tabled(objects(lock), trailer=f"/Encrypt 7 0 R/ID[<{'00' * 16}><{'00' * 16}>]")
    with pytest.raises(StageError) as raised:
        signed(data, samples.keys().embedder(metadata=metadata))
    assert raised.value.code == "sign.encrypted"
    assert edits_for(io.BytesIO(data), TYPE, NEW) == []


def test_without_pypdf_it_is_signed_without(monkeypatch):
    monkeypatch.setattr(writer, "has_pypdf", lambda: False)
    after = signed(tabled(objects()))
    assert "/Metadata" not in PdfReader(io.BytesIO(after)).trailer["/Root"]
    assert verify(after, trust=ROOT).passed


def test_nothing_is_told_on_standard_error(capfd):
    for data in broken().values():
        edits_for(io.BytesIO(data), TYPE, NEW)
    assert capfd.readouterr().err == ""
