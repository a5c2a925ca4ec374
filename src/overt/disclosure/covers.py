"""Cover pictures of Matroska files, which ffmpeg reads as video tracks and writes as attachments.

A cover of a labelled film gets the label, too: shops and players show it in the film's place. One
that cannot be labelled is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from overt import sniff
from overt.disclosure import ffmpeg
from overt.disclosure.facts import Facts, examine
from overt.disclosure.placing import Artist
from overt.errors import StageError
from overt.models import Media

_MOST = 8


def covers_of(path: Path, facts: Facts) -> Iterator[bytes]:
    """The covers, as they are stored."""
    if not facts.detail.get("attachments"):
        return
    first = int(facts.detail.get("video_tracks", 0))
    for at in range(first, first + _MOST):
        arguments = [*ffmpeg.source(path), "-map", f"0:v:{at}", "-c", "copy"]
        try:
            done = ffmpeg.run([*arguments, "-f", "image2pipe", "pipe:1"], limit_s=60.0)
        except ffmpeg.Failed:  # there are no more
            return
        yield done.output


def attach(
    path: Path, facts: Facts, artist: Artist | None, corner: str | None, folder: Path
) -> list[str]:
    """Arguments that put the covers into the new file, labelled where there is an artist."""
    arguments: list[str] = []
    for at, data in enumerate(covers_of(path, facts)):
        kind = sniff.media_type_of(data[: sniff.HEAD_BYTES], None)
        if kind not in ("image/jpeg", "image/png"):
            continue
        if artist is not None:
            try:
                data = _labelled(data, kind, artist, corner)
            except StageError:
                continue
        name = f"cover{f'_{at + 1}' if at else ''}{sniff.SUFFIXES[kind]}"
        (folder / name).write_bytes(data)
        arguments += ["-attach", f"{folder / name}"]
        arguments += [f"-metadata:s:m:filename:{name}", f"mimetype={kind}"]
    return arguments


def _labelled(data: bytes, kind: str, artist: Artist, corner: str | None) -> bytes:
    from overt.disclosure.image import label_image

    media = Media(media_type=kind, data=data)
    return label_image(media, examine(media, declared=kind), artist, None, corner).data
