"""What a file says of itself: EXR attributes `overt.extent`, QuickTime tags `com.overt.extent`.

Anybody can write a header, and it comes with footage that we did not make. It may state what a shot
is and where it belongs, never what is owed: delivery, satire, consents, cast, purpose and the rest
come from `overt.yaml`, a timeline, a manifest or the caller. That little was changed counts only
where there is a plate to hold it against.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from overt.effects.exr import attributes
from overt.effects.footage import footage
from overt.errors import OvertError, StageError
from overt.models import Extent

STATED = frozenset({"extent", "realism", "production", "scene", "shot", "effect", "plate"})
"""Fields that a header may state."""
_PREFIXES = ("com.overt.", "overt.")
_LITTLE = (Extent.NONE.value, Extent.MINOR.value)
_TAG = re.compile(r"((?:\\.|[^\\=\n])+)=((?:\\.|[^\\\n])*)", re.DOTALL)
"""A line of ffmpeg's metadata format: a backslash stands before `= ; # \\` and newlines."""
_TAGS_LIMIT_S = 60.0


def header_fields(path: Path) -> dict[str, Any]:
    """Fields of a declaration that a file states itself, in EXR or movie metadata."""
    suffix = path.suffix.lower()
    if suffix == ".exr":
        said = attributes(path)
    elif suffix in (".mov", ".mp4", ".m4v"):
        said = _movie_tags(path)
    else:
        return {}
    fields: dict[str, Any] = {}
    for key, value in said.items():
        for prefix in _PREFIXES:
            name = key.lower().removeprefix(prefix)
            if name != key.lower() and name in STATED and "\0" not in value:
                fields[name] = value
    return fields


def credible(header: Mapping[str, Any], said: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A header's fields, without claims of little that nothing could prove wrong.

    Args:
        header: From `header_fields`, its plate an absolute path.
        said: What somebody else declares of the file; it goes before the header.
        path: The file.
    """
    fields = dict(header)
    if "plate" in fields and _is_itself(Path(fields["plate"]), path):
        del fields["plate"]
    if "extent" in said or {"plate", "master"} & (fields.keys() | said.keys()):
        return fields
    if fields.get("extent") in _LITTLE:
        del fields["extent"]
    if "effect" in fields and "effect" not in said:  # its own extent may be little, too
        fields.setdefault("extent", Extent.SIGNIFICANT.value)
    return fields


def _is_itself(plate: Path, path: Path) -> bool:
    """Whether a plate is the very file, or frames that it is one of: then nothing ever changed."""
    with suppress(OvertError, OSError):  # a plate that is not there is reported where it is used
        shown = footage(plate)
        return any(one.samefile(path) for one in (*shown.frames, shown.media.path) if one)
    return False


def _movie_tags(path: Path) -> dict[str, str]:
    """Tags of a movie as a whole; none where it cannot be read."""
    try:
        state = path.stat()
    except OSError:
        return {}
    return _tags(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _tags(path: Path, mtime_ns: int, size: int) -> dict[str, str]:
    """Read by ffmpeg: a stranger's file is not parsed in a process that others depend on (I10)."""
    from overt.disclosure import ffmpeg

    asked = [*ffmpeg.source(path), "-f", "ffmetadata", "pipe:1"]
    try:
        said = ffmpeg.run(asked, limit_s=_TAGS_LIMIT_S, strict=False).output
    except (ffmpeg.Failed, StageError):  # broken, or no ffmpeg: headers say nothing, sidecars do
        return {}
    whole = said.decode("utf-8", "replace").partition("\n[")[0]  # before any stream or chapter
    plain = [[re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in one.groups()]
             for one in _TAG.finditer(whole)]  # fmt: skip
    return {name.strip(): value for name, value in plain}
