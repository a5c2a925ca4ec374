"""Edits applied while reading equal edits applied in memory; metadata writers never lose a byte."""

import io

import media_samples as samples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overt.provenance import xmp
from overt.provenance.formats import FORMATS
from overt.provenance.splice import Edit, Spliced

CARRIERS = sorted(name for name, kind in FORMATS.items() if kind.carrier != "none")


@st.composite
def edited(draw):
    data = draw(st.binary(max_size=200))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    edits = [Edit(a, b - a, draw(st.binary(max_size=20))) for a, b in pairs]
    return data, edits


def in_memory(data, edits):
    out, at = b"", 0
    for edit in edits:
        out += data[at : edit.at] + edit.insert
        at = edit.at + edit.remove
    return out + data[at:]


@given(edited(), st.lists(st.tuples(st.integers(0, 260), st.integers(1, 64)), max_size=10))
def test_reading_anywhere_equals_the_edited_bytes(case, reads):
    data, edits = case
    want = in_memory(data, edits)
    stream = io.BufferedReader(Spliced(io.BytesIO(data), edits), 16)
    assert stream.read() == want
    for at, length in reads:
        stream.seek(at)
        assert stream.read(length) == want[at : at + length]
    assert stream.seek(0, io.SEEK_END) == len(want)


@pytest.mark.parametrize(
    "edits", [[Edit(5, 1, b"")], [Edit(0, 3, b""), Edit(1, 1, b"")], [Edit(2, 9, b"")]]
)
def test_edits_that_do_not_fit_are_refused(edits):
    with pytest.raises(ValueError):
        Spliced(io.BytesIO(b"abcd"), edits)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CARRIERS), st.data())
def test_broken_files_never_break_the_writers(media_type, data):
    """Whatever the bytes, a writer gives edits that fit, or none."""
    sample = samples.sample(media_type)
    cut = data.draw(st.integers(0, len(sample)))
    at = data.draw(st.integers(0, min(400, len(sample) - 1)))
    broken = samples.flipped(sample, at)[:cut] if data.draw(st.booleans()) else sample[:cut]
    stream = io.BytesIO(broken)
    edits = xmp.edits_for(stream, media_type, xmp.packet("trainedAlgorithmicMedia"))
    written = Spliced(stream, edits).readall()
    assert written == broken if not edits else b"DigitalSourceType" in written


@pytest.mark.parametrize("media_type", CARRIERS)
def test_a_second_packet_is_not_written(media_type):
    packet = xmp.packet("trainedAlgorithmicMedia")
    stream = io.BytesIO(samples.sample(media_type))
    once = Spliced(stream, xmp.edits_for(stream, media_type, packet)).readall()
    assert once.count(b"DigitalSourceType>") == 2
    assert xmp.edits_for(io.BytesIO(once), media_type, packet) == []


OTHER = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="kept"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize(("media_type", "kind"), [("image/jpeg", "JPEG"), ("image/png", "PNG")])
def test_a_packet_that_is_there_is_kept_and_added_to(media_type, kind):
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", OTHER.decode())
        data = samples.picture(kind, pnginfo=info)
    else:
        data = samples.picture(kind, xmp=OTHER)
    stream = io.BytesIO(data)
    packet = xmp.packet("algorithmicMedia", china=xmp.ChinaLabel(producer="P&Q", produce_id="7"))
    out = Spliced(stream, xmp.edits_for(stream, media_type, packet)).readall()
    assert out.count(b"<x:xmpmeta") == 1
    for part in (b'dc:format="kept"', b"algorithmicMedia<", b"TC260:AIGC", b"P&amp;Q"):
        assert part in out


def test_an_unknown_source_type_makes_no_packet():
    with pytest.raises(ValueError):
        xmp.packet("nonsense")


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp", "image/gif"])
def test_pillow_still_opens_what_the_writers_touched(media_type):
    from PIL import Image

    stream = io.BytesIO(samples.sample(media_type))
    packet = xmp.packet("trainedAlgorithmicMedia")
    out = Spliced(stream, xmp.edits_for(stream, media_type, packet)).readall()
    with Image.open(io.BytesIO(out)) as after, Image.open(stream) as before:
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
        if media_type != "image/gif":
            assert "trainedAlgorithmicMedia" in str(after.info.get("xmp", after.info))
