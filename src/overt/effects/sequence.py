"""Image sequences as masters: one manifest for all frames, with a hash each, and its signature.

A master keeps its pixels: no label is burnt in, and no frame is touched. What a viewer must know is
put on the deliverable, whose manifest names the master as its parent. The policy is asked about the
sequence as it is declared before anything is signed, so a master of somebody without consent gets
no manifest either.

The manifest is a text file, `<name>.overt-sequence.json`, signed like any text: with a C2PA
manifest beside it, recorded in the ledger.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.effects.declaration import Declaration
from overt.effects.registry import Effects
from overt.errors import ConfigError, StageError, VerificationError
from overt.models import Act, Extent, Media, Result

if TYPE_CHECKING:
    from overt.guard import Guard

SUFFIX = ".overt-sequence.json"
SCHEMA = "overt-sequence/1"
FORMATS = {".exr": "image/x-exr", ".tif": "image/tiff", ".tiff": "image/tiff", ".png": "image/png",
           ".dpx": "image/x-dpx"}  # fmt: skip
_NUMBERED = re.compile(r"^(.*?)(\d+)(\.[A-Za-z0-9]+)$")


@dataclass(frozen=True, slots=True)
class Sequence:
    """Frames of one shot: files of one folder that differ in one number."""

    folder: Path
    stem: str
    suffix: str
    frames: tuple[tuple[int, Path], ...]

    @property
    def name(self) -> str:
        """`shot_0010.%04d.exr`, as programs write it."""
        width = len(self.frames[0][1].name) - len(self.stem) - len(self.suffix)
        return f"{self.stem}%0{width}d{self.suffix}"

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers between the first and the last that no file has."""
        there = {number for number, _ in self.frames}
        return tuple(sorted(set(range(min(there), max(there) + 1)) - there))


def sequences(folder: Path) -> list[Sequence]:
    """Image sequences of a folder, two frames or more each, by name."""
    found: dict[tuple[str, str, int], list[tuple[int, Path]]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        match = _NUMBERED.match(path.name)
        if match and match[3].lower() in FORMATS and path.is_file() and not path.is_symlink():
            found[match[1], match[3], len(match[2])].append((int(match[2]), path))
    return [
        Sequence(folder, stem, suffix, tuple(sorted(frames)))
        for (stem, suffix, _), frames in sorted(found.items())
        if len(frames) > 1
    ]


def describe(sequence: Sequence, declared: Declaration) -> dict[str, Any]:
    """The sequence's manifest: a hash a frame, and what is declared, without names of people.

    Raises:
        ConfigError: `effects.frames_missing`: there are holes.
    """
    if sequence.missing:
        raise ConfigError(
            "effects.frames_missing",
            f"{sequence.name} has holes",
            f"{len(sequence.missing)} frames, the first is {sequence.missing[0]}",
            "render them first",
        )
    frames = [{"file": path.name, "sha256": _digest(path)} for _, path in sequence.frames]
    said = {name: getattr(declared, name) for name in ("production", "scene", "shot", "effect")}
    return {
        "schema": SCHEMA,
        "name": sequence.name,
        "media_type": FORMATS[sequence.suffix.lower()],
        "first": sequence.frames[0][0],
        "last": sequence.frames[-1][0],
        "declared": {
            "extent": declared.extent.value,
            "realism": declared.realism.value if declared.realism else None,
            "by": declared.by.value,
            **{name: value for name, value in said.items() if value is not None},
        },
        "frames": frames,
        "digest": _whole(frames),
    }


def sign(
    guard: Guard, sequence: Sequence, declared: Declaration, *, effects: Effects | None = None
) -> Result:
    """Ask the policy about the master, then write and sign its manifest beside the frames.

    Raises:
        NotCleared: The policy does not clear what is declared; there is no manifest.
        StageError: A stage failed.
        ConfigError: Frames are missing, or an effect is not registered.
    """
    declared = (effects or Effects.load()).applied(declared)
    body = describe(sequence, declared)
    first = Media(media_type="image/png", path=sequence.frames[0][1])
    asked = declared.request(first, guard.subject).model_copy(update={"act": Act.ALTER})
    clearance = guard.prepare(asked)
    guard.abandon(clearance, StageError("tool", "effects.master", "no pixel of it was released"))
    target = sequence.folder / f"{sequence.stem.rstrip('._-') or 'sequence'}{SUFFIX}"
    text = json.dumps(body, indent=1, sort_keys=True).encode()
    media = Media(media_type="text/plain", data=text)
    # The text is no edit of anything; what the frames are, it says itself.
    plain = Declaration(extent=Extent.NONE, by=declared.by, production=declared.production)
    done = guard.mark(media, plain.request(media, guard.subject), destination=target)
    if done.media.read() != text:
        target.unlink()
        raise StageError("sign", "effects.manifest_changed", "the manifest was not kept as it is")
    return done


def check(manifest: Path) -> list[str]:
    """What is wrong with the frames that a sequence manifest lists; empty when all is right.

    The signature is `overt verify`'s business.

    Raises:
        VerificationError: `effects.sequence`: it is no manifest of a sequence.
    """
    try:
        body = json.loads(manifest.read_text("utf-8"))
        frames = [(str(row["file"]), str(row["sha256"])) for row in body["frames"]]
        listed = body["digest"]
        known = body["schema"] == SCHEMA
    except (OSError, ValueError, KeyError, TypeError):
        known, frames, listed = False, [], ""
    if not known or any(Path(name).name != name for name, _ in frames):
        raise VerificationError("effects.sequence", f"{manifest} is no manifest of a sequence")
    problems = []
    for name, digest in frames:
        path = manifest.parent / name
        if not path.is_file():
            problems.append(f"{name}: missing")
        elif _digest(path) != digest:
            problems.append(f"{name}: changed")
    if _whole([{"file": name, "sha256": digest} for name, digest in frames]) != listed:
        problems.append("the list of frames was changed")
    return problems


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _whole(frames: list[dict[str, str]]) -> str:
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(f"{frame['file']}\0{frame['sha256']}\n".encode())
    return digest.hexdigest()
