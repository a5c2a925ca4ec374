"""The assets that a signature is over or names: opened for the library, and looked at before."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from overt.errors import StageError
from overt.models import Media
from overt.provenance.formats import JXL_CONTAINER, Format, bare_jxl, format_of, sniffed
from overt.provenance.model import Manifest
from overt.provenance.pdf import refuse_encrypted
from overt.provenance.splice import Edit, Spliced
from overt.provenance.target import failure
from overt.sniff import agrees, canonical


@contextmanager
def opened(media: Media) -> Iterator[IO[bytes]]:
    """The asset; a bare JPEG XL codestream in a container, for only that takes a manifest."""
    try:
        stream = media.open()
    except OSError as cause:
        raise failure(cause) from cause
    with stream:
        if canonical(media.media_type) != "image/jxl" or not bare_jxl(stream):
            yield stream
            return
        size = stream.seek(0, io.SEEK_END)
        head = JXL_CONTAINER + (8 + size).to_bytes(4, "big") + b"jxlc"
        yield io.BufferedReader(Spliced(stream, [Edit(0, 0, head)]), 1 << 16)


@contextmanager
def opened_ingredients(
    manifest: Manifest, sources: Sequence[Media]
) -> Iterator[list[tuple[dict[str, Any], str, IO[bytes]]]]:
    """The ingredients of a manifest as the library takes them, each with its open asset."""
    with ExitStack() as stack:
        yield [
            (each.to_c2pa(), each.media_type, stack.enter_context(opened(source)))
            for each, source in zip(manifest.ingredients, sources, strict=True)
        ]


def checked_format(media: Media, manifest: Manifest) -> Format:
    """The format that an asset is signed as; it must be what its content looks like.

    Raises:
        StageError: overt signs no such format, the asset is of another one, or is encrypted.
    """
    kind = format_of(manifest.media_type)
    if kind is None:
        raise StageError(
            "sign",
            "sign.unsupported",
            f"{manifest.media_type} cannot be signed",
            "overt signs no such format",
            "convert it first",
        )
    with opened(media) as stream:
        found = sniffed(stream, media.path)
    if found is None or not agrees(kind.media_type, found):
        raise StageError(
            "sign",
            "sign.media_type",
            "the asset was not signed",
            f"it is declared as {kind.media_type} and looks like {found or 'nothing known'}",
            "declare what the tool really makes",
        )
    if kind.carrier == "pdf":
        with opened(media) as stream:
            refuse_encrypted(stream)
    return kind
