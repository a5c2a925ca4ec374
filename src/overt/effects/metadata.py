"""What production metadata says about a file: `overt.yaml`, clips of a timeline, file headers.

Nearest wins: an asset's own `<name>.overt.yaml`, then the `files` of the `overt.yaml` in its folder
(by name or pattern), then that file's own fields, then those of the folders above. A shared folder
such as `/tmp` ends the climb, for anybody can leave a file there. What a file's header says (EXR
attributes, tags of a movie) counts least, and for few fields: it travels with copies.

```yaml
production: P1
extent: minor
files:
  "0010_*.exr": {shot: "0010", extent: significant, effect: ai-portrait}
```
"""

from __future__ import annotations

import fnmatch
import json
import stat
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from overt.effects.headers import credible, header_fields
from overt.errors import ConfigError

NAME = "overt.yaml"
SCHEMA = "overt"
"""Key under which clips carry declarations: `metadata.overt`."""
_MAX_BYTES = 1 << 20
PATHS = ("plate", "master", "elements", "references", "likenesses")
"""Fields that are files; relative ones count from where they are written."""


def declared_for(path: Path, over: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Fields of a `Declaration` that production metadata has for a file.

    Args:
        path: The file; it may still have to be made.
        over: What goes before all of it: a timeline's, a manifest's or the caller's own word.

    Raises:
        ConfigError: `effects.metadata`: a file of metadata is broken. Guessing would be worse.
    """
    path = path.absolute()
    fields: dict[str, Any] = {}
    for folder in reversed(list(_folders(path))):
        layer = _loaded(folder / NAME)
        if layer is None:
            continue
        fields |= _located({k: v for k, v in layer.items() if k != "files"}, folder)
        fields |= _located(_matching(layer.get("files", {}), path, folder), folder)
    own = _loaded(path.with_name(path.name + "." + NAME))
    if own is not None:
        fields |= _located(own, path.parent)
    fields |= over or {}
    return credible(_located(header_fields(path), path.parent), fields, path) | fields


def _folders(path: Path) -> Iterator[Path]:
    """The folder of a file and those above it, up to one that is everybody's."""
    yield path.parent
    for folder in path.parent.parents:
        try:
            if folder.stat().st_mode & stat.S_ISVTX:
                return
        except OSError:
            return
        yield folder


def clips(timeline: Path) -> dict[Path, dict[str, Any]]:
    """Declarations of an OpenTimelineIO project, by the file of each clip.

    A clip's `metadata.overt` holds fields of a declaration; its name is the shot where that has
    none, and the timeline's own `metadata.overt` holds for all clips. A file is marked once, so
    clips that share it may add to each other and not differ.

    Raises:
        ConfigError: `effects.timeline`: it is no OpenTimelineIO JSON, or says two things of a file.
    """
    try:
        project = json.loads(_text(timeline, "effects.timeline"))
    except ValueError:
        project = None
    if not isinstance(project, dict) or not str(project.get("OTIO_SCHEMA", "")).startswith(
        ("Timeline.", "SerializableCollection.", "Stack.", "Track.", "Clip.")
    ):
        raise ConfigError(
            "effects.timeline",
            f"{timeline} is no OpenTimelineIO project",
            todo="export it as .otio",
        )
    common = _located(_said(project), timeline.parent)
    found: dict[Path, dict[str, Any]] = {}
    own: dict[Path, dict[str, Any]] = {}
    for clip in _clips(project):
        place = _media_path(clip)
        if place is None:
            continue
        file = (timeline.parent / place).absolute()
        fields = _located(_said(clip), timeline.parent)
        said = found.setdefault(file, {"shot": clip.get("name"), **common})
        told = own.setdefault(file, {})
        if any(told.get(name, value) != value for name, value in fields.items()):
            raise ConfigError(
                "effects.timeline",
                f"{timeline} declares {file.name} in two ways",
                "several clips show it",
                "let them say the same",
            )
        told |= fields
        said |= fields
    return found


def declared_in(timeline: Path, asset: Path) -> dict[str, Any]:
    """What a timeline declares of one file.

    Raises:
        ConfigError: `effects.timeline`: it is no project, or has no clip of this file.
    """
    wanted = asset.resolve()
    for file, fields in clips(timeline).items():
        if file.resolve() == wanted:
            return fields
    raise ConfigError("effects.timeline", f"{timeline} has no clip of this file", todo="see it")


def _clips(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for one in node:
            yield from _clips(one)
    elif isinstance(node, dict):
        if str(node.get("OTIO_SCHEMA", "")).startswith("Clip."):
            yield node
            return
        for key in ("tracks", "children"):
            yield from _clips(node.get(key))


def _media_path(clip: Mapping[str, Any]) -> str | None:
    """The file of a clip, or its frames as `s.%04d.exr`; none for a gap or a missing reference."""
    active = clip.get("active_media_reference_key", "DEFAULT_MEDIA")
    reference = clip.get("media_reference") or (clip.get("media_references") or {}).get(active)
    if not isinstance(reference, dict):
        return None
    if not str(reference.get("OTIO_SCHEMA", "")).startswith("ImageSequenceReference."):
        return _path_of(reference.get("target_url"))
    folder = _path_of(reference.get("target_url_base")) or ""
    start, end = (str(reference.get(f"name_{end}") or "") for end in ("prefix", "suffix"))
    width = reference.get("frame_zero_padding")
    return f"{folder}{start}%0{width if isinstance(width, int) else 0}d{end}"


def _path_of(url: Any) -> str | None:
    """The path behind a URL, or what is a path already; only a URL is percent-encoded."""
    if not isinstance(url, str) or not url:
        return None
    return unquote(url.removeprefix("file://")) if url.startswith("file://") else url


def _said(node: Mapping[str, Any]) -> dict[str, Any]:
    said = (node.get("metadata") or {}).get(SCHEMA) or {}
    if not isinstance(said, dict):
        raise ConfigError("effects.timeline", "metadata.overt of a clip is no mapping")
    return dict(said)


def _matching(files: Any, path: Path, folder: Path) -> dict[str, Any]:
    if not isinstance(files, dict):
        raise _broken(folder / NAME, "`files` is no mapping of patterns")
    relative = path.relative_to(folder).as_posix()
    fields: dict[str, Any] = {}
    # Patterns first, in their order; the exact name last, so that it wins.
    for pattern, said in sorted(files.items(), key=lambda item: item[0] == relative):
        if fnmatch.fnmatchcase(relative, str(pattern)) or relative == pattern:
            if not isinstance(said, dict):
                raise _broken(folder / NAME, "an entry of `files` is no mapping")
            fields |= said
    return fields


def _located(fields: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The fields with their relative paths made absolute."""
    located = dict(fields)
    for key in PATHS:
        value = located.get(key)
        if isinstance(value, str):
            located[key] = folder / value
        elif isinstance(value, list):
            located[key] = [folder / str(one) for one in value]
    return located


def _loaded(file: Path) -> dict[str, Any] | None:
    """A metadata file, read anew when it has changed; none where there is none."""
    try:
        state = file.stat()
    except OSError:
        return None
    return _parsed(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _parsed(file: Path, mtime_ns: int, size: int) -> dict[str, Any]:
    import yaml

    if size > _MAX_BYTES:
        raise _broken(file, "it is too large")
    try:
        found = yaml.safe_load(_text(file, "effects.metadata"))
    except yaml.YAMLError:
        raise _broken(file, "it is no YAML") from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise _broken(file, "it is no mapping of fields")
    return found


def _text(file: Path, code: str) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(code, f"cannot read {file}", todo="mend it") from None


def _broken(file: Path, why: str) -> ConfigError:
    return ConfigError("effects.metadata", f"{file} cannot be used", why, "correct it")
