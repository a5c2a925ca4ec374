"""What generators return, made into `Media` and back: bytes, paths, pictures, arrays, streams.

Streams are buffered to the end, up to a size limit: nothing is passed on before the release, for a
chunk that was heard cannot be taken back.
"""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

from overt.errors import StageError
from overt.models import Media, Modality, Result


def to_media(value: Any, media_type: str, *, limit: int) -> Media:
    """One asset from one returned value.

    Args:
        value: `Media`, bytes, a `str` (text itself for text tools, else a path), a path, a picture
            with `save()`, an array (pictures: height x width x channels, uint8), a pair
            `(samples, sample_rate)` for sound, or an iterable of bytes or text.
        media_type: What the tool was declared to return.
        limit: Bytes that a stream may come to.

    Raises:
        StageError: The value is none of these, or larger than the limit.
    """
    if isinstance(value, Media):
        return value
    text = Modality.of(media_type) is Modality.TEXT
    if isinstance(value, str) and text:
        return Media(media_type=media_type, data=value.encode("utf-8", "replace"))
    if isinstance(value, bytes | bytearray | memoryview):
        return Media(media_type=media_type, data=bytes(value))
    if isinstance(value, str | os.PathLike):
        return _file(Path(value), media_type)
    if hasattr(value, "save") and hasattr(value, "mode"):
        return Media(media_type=media_type, data=_saved(value, media_type))
    if hasattr(value, "__array__") or _is_sound(value):
        from overt.disclosure.arrays import encode

        return Media(media_type=media_type, data=encode(value, media_type))
    if isinstance(value, Iterable):
        return Media(media_type=media_type, data=_drained(value, limit))
    raise StageError(
        "tool",
        "tool.return_type",
        f"the tool returned a {type(value).__name__}",
        "overt takes bytes, paths, pictures, arrays and streams of bytes",
        "return one of these, or a Media",
    )


def to_list(value: Any, media_type: str, *, many: bool, limit: int) -> list[Media]:
    """All assets of one call; `many` says that the tool returns a list of them."""
    if not many:
        return [to_media(value, media_type, limit=limit)]
    items = value if isinstance(value, Sequence) else list(value)
    return [to_media(one, media_type, limit=limit) for one in items]


def is_stream(value: Any) -> bool:
    """Whether it is an asynchronous stream."""
    return hasattr(value, "__aiter__")


async def drained(chunks: AsyncIterator[Any], limit: int) -> bytes:
    """All of an asynchronous stream of bytes or text.

    Raises:
        StageError: It comes to more than `limit` bytes.
    """
    buffer = bytearray()
    async for chunk in chunks:
        _take(buffer, chunk, limit)
    return bytes(buffer)


def like(value: Any, result: Result) -> Any:
    """The released asset in the shape the tool itself returned."""
    if isinstance(value, str) and result.media.modality is Modality.TEXT:
        return result.media.read().decode()
    if isinstance(value, bytes | bytearray):
        return result.media.read()
    if result.media.path is not None:
        return (
            type(value)(result.media.path) if isinstance(value, str | Path) else result.media.path
        )
    if hasattr(value, "save") and hasattr(value, "mode"):
        from overt.disclosure.arrays import opened

        return opened(result.media.read())
    return result.media


def _file(path: Path, media_type: str) -> Media:
    if not path.is_file():
        raise StageError(
            "tool", "tool.no_output", "the tool wrote nothing", "the file it names is not there"
        )
    return Media(media_type=media_type, path=path)


def _saved(picture: Any, media_type: str) -> bytes:
    buffer = io.BytesIO()
    kind = media_type.partition("/")[2].upper()
    # Quality 95: a picture that only exists in memory has lost nothing yet.
    picture.save(buffer, format=kind, **({"quality": 95} if kind in ("JPEG", "WEBP") else {}))
    return buffer.getvalue()


def _is_sound(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and hasattr(value[0], "__array__")


def _drained(chunks: Iterable[Any], limit: int) -> bytes:
    buffer = bytearray()
    for chunk in chunks:
        _take(buffer, chunk, limit)
    return bytes(buffer)


def _take(buffer: bytearray, chunk: Any, limit: int) -> None:
    buffer += chunk.encode() if isinstance(chunk, str) else chunk
    if len(buffer) > limit:
        raise StageError(
            "tool",
            "tool.output_too_large",
            "the tool's stream is too long",
            f"more than {limit} bytes",
            "raise limits.output_mb if this is meant",
        )
