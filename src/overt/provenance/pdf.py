"""Where XMP goes in PDF, for `overt.provenance.xmp`: a metadata stream that the catalogue names.

It is added as an incremental update (ISO 32000-2, 7.5.6): nothing that is there is touched, and the
new section of cross-references has the form of the last one, a table or a stream. pypdf (extra
`pdf`) reads and writes the objects. Its own writer of updates is not used: it loads the whole
document, puts streams after tables, and leaves the document information out of the new trailer.

Documents whose cross-references are broken are left alone. Those that are encrypted are not signed,
for the signing library writes every document anew and in the clear.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from overt.errors import StageError
from overt.provenance.splice import Edit, Spliced

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, PdfObject

Merge = Callable[[bytes, bytes], bytes | None]

_TAIL = 2048
_SILENT = logging.NullHandler()
_LAST_SECTION = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_FORM = ("/Filter", "/DecodeParms", "/Length", "/DL", "/F", "/FFilter", "/FDecodeParms")
"""Entries of a stream that say how its old bytes were written."""


def has_pypdf() -> bool:
    """Whether pypdf is here; without it a PDF gets its manifest and no XMP."""
    from importlib.util import find_spec

    return find_spec("pypdf") is not None


def refuse_encrypted(stream: IO[bytes]) -> None:
    """See that a document is not encrypted, as far as it can be read and pypdf is here.

    Raises:
        StageError: Stage `sign`; it is.
    """
    try:
        encrypted = has_pypdf() and "/Encrypt" in _reader(stream).trailer
    except Exception:  # pypdf meets a stranger's bytes; the signing library will say what is wrong
        encrypted = False
    if encrypted:
        raise StageError(
            "sign",
            "sign.encrypted",
            "the document was not signed",
            "it is encrypted, and would be written in the clear",
            "give the clear one",
        )


def pdf(stream: IO[bytes], size: int, xmp: bytes, merge: Merge) -> Iterator[Edit]:
    """The edit for a PDF; none where pypdf is missing or the document is not in order."""
    if not has_pypdf():
        return
    try:
        edit = _update(stream, size, xmp, merge)
    except Exception:  # pypdf meets a stranger's bytes, and raises whatever comes
        return
    if edit is not None:
        yield edit


def _reader(stream: IO[bytes]) -> PdfReader:
    from pypdf import PdfReader

    logging.getLogger("pypdf").addHandler(_SILENT)  # else it would write to standard error
    # Strict: a table that has to be guessed is nothing to build upon.
    return PdfReader(stream, strict=True)


def _update(stream: IO[bytes], size: int, xmp: bytes, merge: Merge) -> Edit | None:
    from pypdf.generic import DictionaryObject, IndirectObject, NameObject, StreamObject

    reader = _reader(stream)
    root, catalogue = reader.trailer.raw_get("/Root"), _catalogue(reader)
    if "/Encrypt" in reader.trailer:
        return None
    following = _following(reader)
    place = catalogue.raw_get("/Metadata") if "/Metadata" in catalogue else None
    known = isinstance(place, IndirectObject) and (
        place.idnum in reader.xref.get(place.generation, ()) or place.idnum in reader.xref_objStm
    )
    old = place.get_object() if place is not None and known else None
    changed: dict[tuple[int, int], PdfObject] = {}
    holder = StreamObject()
    if isinstance(place, IndirectObject) and isinstance(old, StreamObject):
        merged = merge(old.get_data(), xmp)
        if merged is None:
            return None
        xmp = merged
        holder.update({key: old.raw_get(key) for key in old if key not in _FORM})
    else:
        place = IndirectObject(following, 0, reader)
        following += 1
        renewed = DictionaryObject({key: catalogue.raw_get(key) for key in catalogue})
        renewed[NameObject("/Metadata")] = place
        changed[root.idnum, root.generation] = renewed
    holder[NameObject("/Type")] = NameObject("/Metadata")
    holder[NameObject("/Subtype")] = NameObject("/XML")
    holder.set_data(xmp)
    changed[place.idnum, place.generation] = holder
    last, table = _last_section(stream, size)
    if table:
        changed = {**_hidden(reader), **changed}
    edit = Edit(size, 0, _section(stream, size, changed, _trailer(reader, following, last), table))
    return edit if _reads(stream, edit, xmp, catalogue) else None


def _catalogue(reader: PdfReader) -> DictionaryObject:
    from pypdf.generic import DictionaryObject

    found = reader.trailer["/Root"].get_object()
    if not isinstance(found, DictionaryObject) or found.get("/Type") != "/Catalog":
        raise ValueError
    return found


def _following(reader: PdfReader) -> int:
    """The first number that no object has."""
    used = {int(number) for table in reader.xref.values() for number in table}
    stated = int(str(reader.trailer["/Size"]))
    return max(stated, *(number + 1 for number in (0, *used, *reader.xref_objStm)))


def _last_section(stream: IO[bytes], size: int) -> tuple[int, bool]:
    """Where the last section of cross-references is, and whether it is a table."""
    stream.seek(max(0, size - _TAIL))
    last = int(_LAST_SECTION.findall(stream.read())[-1])
    stream.seek(last)
    return last, stream.read(16).lstrip().startswith(b"xref")


def _hidden(reader: PdfReader) -> dict[tuple[int, int], PdfObject]:
    """Objects of a hybrid document that its table does not show.

    The signing library follows the table alone and would lose them: in the structure tree of a
    text processor's document, for one.
    """
    from pypdf.generic import IndirectObject

    found = {}
    for number in reader.xref_objStm:
        thing = IndirectObject(number, 0, reader).get_object()
        if number not in reader.xref.get(0, ()) and thing is not None:
            found[number, 0] = thing
    return found


def _section(
    stream: IO[bytes],
    size: int,
    changed: Mapping[tuple[int, int], PdfObject],
    trailer: DictionaryObject,
    table: bool,
) -> bytes:
    """The changed objects and where they are."""
    stream.seek(size - 1)
    out = io.BytesIO()
    out.write(b"" if stream.read(1) in (b"\n", b"\r") else b"\n")
    places: dict[tuple[int, int], int] = {}
    for (number, generation), thing in sorted(changed.items(), key=lambda each: each[0]):
        places[number, generation] = size + out.tell()
        out.write(f"{number} {generation} obj\n".encode())
        thing.write_to_stream(out)
        out.write(b"\nendobj\n")
    at = size + out.tell()
    if table:
        out.write(b"xref\n0 1\n0000000000 65535 f \n")
        for (number, generation), place in places.items():
            out.write(f"{number} 1\n{place:010} {generation:05} n \n".encode())
        out.write(b"trailer\n")
        trailer.write_to_stream(out)
    else:
        number = int(str(trailer["/Size"]))
        out.write(f"{number} 0 obj\n".encode())
        _cross_references(places, trailer, number, at).write_to_stream(out)
        out.write(b"\nendobj")
    out.write(f"\nstartxref\n{at}\n%%EOF\n".encode())
    return out.getvalue()


def _trailer(reader: PdfReader, following: int, last: int) -> DictionaryObject:
    from pypdf.generic import DictionaryObject, NameObject, NumberObject

    trailer = DictionaryObject(
        {
            NameObject(key): reader.trailer.raw_get(key)
            for key in ("/Root", "/Info", "/ID")
            if key in reader.trailer
        }
    )
    trailer[NameObject("/Size")] = NumberObject(following)
    trailer[NameObject("/Prev")] = NumberObject(last)
    return trailer


def _cross_references(
    places: Mapping[tuple[int, int], int], trailer: DictionaryObject, number: int, at: int
) -> Any:
    """The same as a stream, which is an object itself: type, place, generation."""
    from pypdf.generic import ArrayObject, NameObject, NumberObject, StreamObject

    everything = {**places, (number, 0): at}
    index = [value for key, _ in everything for value in (key, 1)]
    stream = StreamObject()
    stream.update(trailer)
    stream[NameObject("/Type")] = NameObject("/XRef")
    stream[NameObject("/Size")] = NumberObject(number + 1)
    stream[NameObject("/W")] = ArrayObject([NumberObject(width) for width in (1, 4, 2)])
    stream[NameObject("/Index")] = ArrayObject([NumberObject(value) for value in index])
    stream.set_data(
        b"".join(
            b"\x01" + place.to_bytes(4, "big") + generation.to_bytes(2, "big")
            for (_, generation), place in everything.items()
        )
    )
    return stream


def _reads(stream: IO[bytes], edit: Edit, xmp: bytes, before: DictionaryObject) -> bool:
    """Whether the document with its update still has all its catalogue, and the packet."""
    after = _catalogue(_reader(io.BufferedReader(Spliced(stream, [edit]))))
    same = all(
        _bytes(after.raw_get(key)) == _bytes(before.raw_get(key))
        for key in before.keys() - {"/Metadata"}
    )
    return same and bool(after["/Metadata"].get_data() == xmp)  # type: ignore[attr-defined]


def _bytes(thing: PdfObject) -> bytes:
    out = io.BytesIO()
    thing.write_to_stream(out)
    return out.getvalue()
