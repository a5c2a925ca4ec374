"""Requests from loose values: what callers, command lines and decorators hand in.

Everything is checked here, once, with errors of ours that name the field and never its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overt.coerce import to_media
from overt.errors import ConfigError
from overt.models import Media, Request
from overt.sniff import SUFFIXES, canonical, media_type_of

_OTHER_SUFFIXES = {
    ".aif": "audio/aiff",
    ".htm": "text/html",
    ".jpeg": "image/jpeg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".tiff": "image/tiff",
}
_BY_SUFFIX = {suffix: kind for kind, suffix in SUFFIXES.items()} | _OTHER_SUFFIXES


def known_media_type(media_type: str) -> str:
    """The media type under the one name that overt uses for it.

    Raises:
        ConfigError: overt cannot handle it.
    """
    plain = canonical(media_type)
    if plain not in SUFFIXES:
        raise ConfigError(
            "media_type.unknown",
            f"unknown media type {media_type!r}",
            todo=f"use one of {', '.join(sorted(SUFFIXES))}",
        )
    return plain


def media_type_of_name(path: str | Path) -> str:
    """The media type that a file name promises.

    Raises:
        ConfigError: The suffix is of no type that overt knows.
    """
    known = _BY_SUFFIX.get(Path(path).suffix.lower())
    if known is None:
        raise ConfigError(
            "media_type.unknown",
            f"no media type for the suffix {Path(path).suffix!r}",
            todo="say which with the media type option",
        )
    return known


def request_of(fields: Mapping[str, Any]) -> Request:
    """A `Request` from loose fields, with our own errors.

    Raises:
        ConfigError: A field is unknown or ill-typed; its value is not shown.
    """
    from pydantic import ValidationError

    fields = {**fields, "media_type": known_media_type(fields["media_type"])}
    try:
        return Request(**fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError("request.invalid", f"the request's {place}", first["msg"]) from None


def ingredients(value: Any) -> tuple[Media, ...]:
    """Plates and references may be paths, bytes, pictures or lists of these."""
    values = value if isinstance(value, list | tuple) else [value]
    media = []
    for one in values:
        if isinstance(one, Media):
            media.append(one)
            continue
        if hasattr(one, "save") and hasattr(one, "mode"):
            media.append(to_media(one, "image/png", limit=0))
            continue
        source = bytes(one) if isinstance(one, bytes | bytearray) else Path(one)
        head = source[:4096] if isinstance(source, bytes) else _head(source)
        kind = media_type_of(head, source if isinstance(source, Path) else None)
        if kind is None:
            raise ConfigError("request.input", "an input is of no known media type")
        media.append(
            Media(media_type=kind, data=source)
            if isinstance(source, bytes)
            else Media(media_type=kind, path=source)
        )
    return tuple(media)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except OSError as error:
        raise ConfigError("request.input", f"cannot read {path}", error.strerror or "") from None
