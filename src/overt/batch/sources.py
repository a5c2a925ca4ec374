"""What a batch is about: a folder tree, or a manifest that names files one by one.

Rules for bad trees, each with a code of its own in the report:

* Links are never followed inside a tree. One that stays inside is `batch.link` (its target is found
  by itself), one that leads out is `batch.link_outside`, one to nowhere `batch.link_broken`.
* What is no regular file is `batch.not_a_file`; a folder that cannot be listed is
  `batch.unreadable`.
* Manifests (`*.c2pa`, those of masters), declarations (`overt.yaml`, `*.overt.yaml`) and our own
  hidden folders belong to assets and are none.
* Numbered frames that are declared as a master are one input, named by their pattern; each of them
  is `batch.frame`.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from overt.batch.names import name_of
from overt.effects import movie, sequence
from overt.effects.declaration import Declaration, declaration_of
from overt.effects.footage import is_pattern, matching
from overt.effects.metadata import PATHS, declared_for
from overt.effects.sequence import Sequence, sequences
from overt.errors import ConfigError

STATE = ".overt-batch"
"""Folder of the journal and of work under way, inside the output folder."""
REPORT = "report.jsonl"
MANIFESTS = (sequence.SUFFIX, movie.SUFFIX)
LIGHT = ("image/x-exr", "image/x-dpx")
"""Pictures that are masters or nothing: no label is put on them."""
MASTER = "master"
"""What a declaration's `delivery` says of an asset that keeps every pixel."""


@dataclass(frozen=True, slots=True)
class Found:
    """One input as it was found.

    Args:
        path: Absolute.
        name: Where its output goes, relative to the output folder.
        place: Byte offset of its line in a manifest.
        code: Why it is passed over, where it is.
        outcome: `skipped` or `failed`, with `code`.
    """

    path: Path
    name: Path
    place: int = 0
    code: str | None = None
    outcome: str = "pending"


class Source(Protocol):
    """Where inputs come from, and what is declared of each."""

    root: Path

    def found(self) -> Iterator[Found]:
        """Every input once, in an order that stays the same."""
        ...

    def declaration(self, path: Path, place: int) -> Declaration:
        """What is declared of one input.

        Raises:
            ConfigError: The declaration is broken.
        """
        ...


class Tree:
    """Every asset under a folder, in order of name.

    Args:
        root: The folder.
        defaults: What holds for every asset that has nothing of its own.
        resolve: Gives the declaration fields that production metadata has for a path.
    """

    def __init__(self, root: Path, defaults: Mapping[str, Any], resolve: Any = None) -> None:
        self.root = root.resolve()
        self._defaults, self._resolve = dict(defaults), resolve

    def declaration(self, path: Path, place: int) -> Declaration:
        """Metadata beside the asset, over the defaults; of frames, beside the first."""
        own = self._resolve(beside(path)) if self._resolve else {}
        return declaration_of({**self._defaults, **own}, "the declaration beside an asset")

    def found(self) -> Iterator[Found]:
        """Walk the tree; links are named, never followed."""
        yield from self._folder(self.root)

    def _folder(self, folder: Path) -> Iterator[Found]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
        except OSError:
            yield self._passed(folder, "batch.unreadable", "failed")
            return
        frames = self._masters(folder)
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                yield self._passed(path, self._link(path))
            elif entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".overt-"):
                    yield from self._folder(path)
            elif not entry.is_file(follow_symlinks=False):
                yield self._passed(path, "batch.not_a_file")
            elif path in frames:
                if (first := frames[path]) is not None:
                    yield Found(first.folder / first.name, first.manifest.relative_to(self.root))
                yield self._passed(path, "batch.frame")
            elif _is_light(path) and not self._is_master(path):
                yield self._passed(path, "input.unknown_type")  # before anybody reads all of it
            elif not is_metadata(entry.name):
                yield Found(path, path.relative_to(self.root))

    def _masters(self, folder: Path) -> dict[Path, Sequence | None]:
        """Frames of the folder that are declared as masters, the first of each with all."""
        found: dict[Path, Sequence | None] = {}
        if not self._resolve:
            return found
        for one in sequences(folder):
            first = one.frames[0][1]
            if self._is_master(first):
                found |= dict.fromkeys((path for _, path in one.frames))
                found[first] = one
        return found

    def _is_master(self, path: Path) -> bool:
        with suppress(ConfigError):  # what is broken is reported with the asset
            return self.declaration(path, 0).delivery == MASTER
        return False

    def _passed(self, path: Path, code: str, outcome: str = "skipped") -> Found:
        return Found(path, path.relative_to(self.root), code=code, outcome=outcome)

    def _link(self, path: Path) -> str:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return "batch.link_broken"
        inside = target.is_relative_to(self.root.resolve())
        return "batch.link" if inside else "batch.link_outside"


class ManifestFile:
    """Inputs named one by one: JSON lines with `input`, and beside it what is declared.

    `{"input": "plates/0010.png", "output": "0010.png", "extent": "minor", "shot": "0010"}`

    Relative paths count from the manifest's folder. A named path may be a link: somebody named it.
    Frames of a master are one line: `{"input": "0020/s.%04d.exr", "delivery": "master"}`.

    Raises:
        ConfigError: `batch.manifest`, with the number of the first bad line.
    """

    def __init__(self, file: Path, defaults: Mapping[str, Any]) -> None:
        self._file, self._defaults = file, dict(defaults)
        self.root = file.resolve().parent
        for number, (place, _) in enumerate(self._lines(), 1):
            self._row(place, number)

    def found(self) -> Iterator[Found]:
        """Every line of the manifest."""
        for place, _ in self._lines():
            row = self._row(place)
            path = self.root / row["input"]
            yield named(self, path, place, Path(row["output"]) if row.get("output") else None)

    def declaration(self, path: Path, place: int) -> Declaration:
        """The fields of the asset's own line, over what lies beside it, over the defaults."""
        fields = {k: v for k, v in self._row(place).items() if k not in ("input", "output", "id")}
        for key in PATHS:
            value = fields.get(key)
            if isinstance(value, str):
                fields[key] = self.root / value
            elif isinstance(value, list):
                fields[key] = [self.root / one for one in value]
        fields = {**self._defaults, **declared_for(beside(path), fields)}
        return declaration_of(fields, "a line of the manifest")

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self._file.open("rb") as stream:
                place = 0
                for line in stream:
                    if line.strip():
                        yield place, line
                    place += len(line)
        except OSError as error:
            raise ConfigError(
                "batch.manifest", f"cannot read {self._file}", error.strerror or ""
            ) from None

    def _row(self, place: int, number: int = 0) -> dict[str, Any]:
        with self._file.open("rb") as stream:
            stream.seek(place)
            line = stream.readline()
        try:
            row = json.loads(line)
            valid = isinstance(row, dict) and isinstance(row.get("input"), str) and row["input"]
            valid = valid and isinstance(row.get("output", ""), str) and "\0" not in row["input"]
        except ValueError:
            valid, row = False, {}
        if not valid:
            raise ConfigError(
                "batch.manifest",
                f"line {number or '?'} of the manifest is not an input",
                "each line is a JSON object with `input`",
                "correct it",
            )
        return dict(row)


def check_folders(inside: Path, out: Path) -> None:
    """Keep outputs and inputs apart.

    Raises:
        ConfigError: One folder is in the other: outputs would become inputs, or replace them.
    """
    source, target = inside.resolve(), out.resolve()
    if target.is_relative_to(source):
        raise ConfigError(
            "batch.output_inside_input",
            "the output folder is inside the input folder",
            "the next run would take outputs for inputs",
            "choose a folder outside",
        )
    if source.is_relative_to(target):
        raise ConfigError(
            "batch.input_inside_output",
            "the input folder is inside the output folder",
            "an output could replace an input",
            "choose another output folder",
        )


def beside(path: Path) -> Path:
    """The file that what lies beside an input is looked up for: of frames, the first."""
    return matching(path).frames[0][1] if is_pattern(path) else path


def named(source: Source, path: Path, place: int, name: Path | None = None) -> Found:
    """A path that somebody named, as an input or with the reason why it is none.

    Args:
        source: Knows what is declared of it.
        path: A file, or frames as `s.%04d.exr`.
        place: In the source.
        name: Where its output goes, where somebody said so.
    """
    wanted = name or name_of(path, source.root)
    if wanted.is_absolute() or ".." in wanted.parts or wanted.parts[:1] in ((), (STATE,)):
        return Found(path, Path(path.name), place, "batch.output_outside", "failed")
    if not is_pattern(path):
        return _checked(path, wanted, place)
    try:  # frames are an input where they are a master; a deliverable is one file
        manifest = matching(path).manifest
        if source.declaration(path, place).delivery == MASTER:
            return Found(path, name or name_of(manifest, source.root), place)
    except ConfigError as error:
        return Found(path, wanted, place, error.code, "failed")
    return Found(path, wanted, place, "batch.frames_no_master", "failed")


def _checked(path: Path, name: Path, place: int) -> Found:
    try:
        target = path.resolve(strict=True)
        kind = target.stat().st_mode
    except FileNotFoundError:
        return Found(path, name, place, "batch.missing", "failed")
    except (OSError, RuntimeError):
        return Found(path, name, place, "batch.unreadable", "failed")
    if not stat.S_ISREG(kind):
        return Found(path, name, place, "batch.not_a_file", "skipped")
    return Found(target, name, place)


def _is_light(path: Path) -> bool:
    return path.suffix.lower() in (".exr", ".dpx") and sequence.type_of(path) in LIGHT


def is_metadata(name: str) -> bool:
    """Whether a file of this name belongs to an asset and is none itself."""
    return name == "overt.yaml" or name.endswith((".overt.yaml", ".c2pa", *MANIFESTS))
