"""Masters: movies, frames and stills that keep every pixel, with a signed manifest beside them.

A label is never burnt into a master. What a viewer must know is put on the deliverable, whose
manifest names the master as its parent. The master's manifest is a text file with a hash for each
frame, and a C2PA manifest beside it that says the same as one in a deliverable would: what was
opened, edited and put in, by which program, under which records. The policy is asked before any of
it is written, so a master of somebody without consent gets none; the consents are looked at again
in the transaction that records it (I6).
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt import closing, signing
from overt.effects import marking, movie
from overt.effects.change import changed_share
from overt.effects.declaration import Declaration
from overt.effects.footage import Footage, footage, of_sequence
from overt.effects.registry import Effects
from overt.effects.sequence import FORMATS, SCHEMA, Sequence, describe, digest_of, still, whole
from overt.errors import StageError, VerificationError
from overt.models import Decision, ManifestRef, Media, Request, Result

if TYPE_CHECKING:
    from overt.clearance import Clearance
    from overt.guard import Guard

_JSON = "text/plain"
_SAID = ("production", "scene", "shot", "effect")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest lists: the frames of a sequence with their hashes, or one movie."""

    body: dict[str, Any]
    frames: tuple[tuple[Path, str], ...] = ()
    movie: Path | None = None


def sign(
    guard: Guard,
    what: Sequence | Path,
    declared: Declaration,
    *,
    destination: Path | None = None,
    effects: Effects | None = None,
    ticket: str | None = None,
    expected: str | None = None,
) -> Result:
    """Ask the policy about a master, then write, sign and record its manifest.

    Args:
        guard: Whose line it goes through.
        what: A sequence, or the path of a movie or of a still. It is only read.
        declared: What somebody vouches for; a plate is compared where little is claimed.
        destination: Of the manifest; beside the master when not given.
        effects: The house's effects; those of the guard's configuration when not given.
        ticket: Of a review that approved this very master.
        expected: `identity` of the master as it was planned; another one is not signed.

    Raises:
        NotCleared: The policy does not clear what is declared; there is no manifest.
        StageError: A stage failed, or the master is damaged.
        ConfigError: Frames are missing, or an effect is not registered.
    """
    what = _told_apart(what)
    target = destination or (
        what.manifest if isinstance(what, Sequence) else movie.manifest_of(what)
    )
    listed = describe(what) if isinstance(what, Sequence) else movie.describe(what)
    if expected is not None and expected != identity(listed):
        raise StageError("tool", "batch.source_changed", "a master changed during the run")
    request, text = _asked(guard, what, declared, effects, listed)
    return _released(guard, guard.prepare(request, ticket=ticket), text, target)


def preview(
    guard: Guard, what: Sequence | Path, declared: Declaration, *, effects: Effects | None = None
) -> Decision:
    """What `sign` would be decided as now; nothing is hashed, made or recorded."""
    return guard.check(_asked(guard, _told_apart(what), declared, effects, {})[0])


def _told_apart(what: Sequence | Path) -> Sequence | Path:
    """A still by its suffix; what it holds is looked at when it is hashed."""
    if isinstance(what, Sequence) or what.suffix.lower() not in FORMATS:
        return what
    return still(what)


def identity(listed: dict[str, Any]) -> str:
    """The digest by which a master is known: of the whole movie, or over all frames."""
    return str(listed.get("sha256") or listed["digest"])


def _asked(
    guard: Guard,
    what: Sequence | Path,
    declared: Declaration,
    effects: Effects | None,
    listed: dict[str, Any],
) -> tuple[Request, Media]:
    """The request about a master's pixels, and the text that stands for all of them."""
    declared = (effects or marking.registered(guard)).applied(declared)
    text = json.dumps({**listed, "declared": _said(declared)}, indent=1, sort_keys=True)
    media = Media(media_type=_JSON, data=text.encode())
    shot = of_sequence(what) if isinstance(what, Sequence) else footage(what)
    return _request(guard, shot, media, declared), media


def _request(guard: Guard, shot: Footage, text: Media, declared: Declaration) -> Request:
    """The request: about the pixels, with the files around them. The text stands for all frames."""
    request = marking.surrounded(guard, shot.media, declared, parent=text)
    plate = marking.compared_with(declared)
    if plate is None:
        return request
    before = footage(plate)
    if not shot.moves and not before.frames and before.media.path is not None:
        before = Footage(before.media, (before.media.path,))
    # All of them are decoded by ffmpeg, in a process of its own with a time limit.
    measured = changed_share(before, shot)
    return request.model_copy(update={"measured_change": measured})


def _released(guard: Guard, clearance: Clearance, text: Media, target: Path) -> Result:
    """Sign the manifest's text with what was decided about the master, record it, deliver it."""
    parts = guard._parts
    claim = closing.look_again(parts, clearance)
    with (
        closing.failing_closed(parts, clearance),
        tempfile.TemporaryDirectory(prefix=".overt-", dir=target.parent) as folder,
    ):
        signed = _signed(guard, clearance, claim, text, Path(folder) / "manifest.json")
        record = closing.record(parts, clearance, claim, [signed])
        assert signed.media.path is not None
        made = signed.media.path
        # The sidecar first: whoever sees the manifest finds its signature.
        made.with_name(made.name + ".c2pa").replace(target.with_name(target.name + ".c2pa"))
        delivered = Media(media_type=_JSON, path=made.replace(target))
    result = closing.result(clearance, signed, delivered, record, clearance.elapsed_ms)
    result._distribute = guard._release_result
    return result


def _signed(
    guard: Guard, clearance: Clearance, claim: closing.Claim, text: Media, path: Path
) -> signing.Signed:
    from overt.provenance.manifest import manifest_for

    parts, request, decision = guard._parts, clearance.request, clearance.decision
    manifest = manifest_for(
        _JSON,
        act=request.act,
        extent=request.extent,
        tool_name=request.tool or parts.config.tool.name,
        tool_version=parts.config.tool.version,
        consents=decision.consents,
        decision_id=decision.id,
        decision_index=decision.index,
        origin=parts.config.ledger.origin,
        checkpoint=claim.checkpoint,
        declared_by=request.declared_by,
        inputs=request.inputs,
        references=signing.references_of(request),
        when=parts.now(),
    )
    around = (*request.inputs, *signing.references_of(request))
    done = parts.embedder.sign(text, manifest, inputs=around, destination=path)
    signing.keep_beside(parts, done)
    return signing.Signed(
        media=done.media,
        disclosures=(),
        manifest=ManifestRef(label=done.label, digital_source_type=done.digital_source_type),
        sidecar=done.sidecar,
        digest=done.digest,
        fingerprint=None,
    )


def read(manifest: Path, folder: Path | None = None) -> Listed:
    """What a master's manifest lists; whether it is signed is not looked at.

    Args:
        manifest: The manifest.
        folder: Where the frames or the movie are; the manifest's own when not given.

    Raises:
        VerificationError: `effects.master`: it is no manifest of a master.
    """
    folder = manifest.parent if folder is None else folder
    try:
        body = json.loads(manifest.read_text("utf-8"))
        if body["schema"] == SCHEMA:
            rows = [(str(row["file"]), str(row["sha256"])) for row in body["frames"]]
            if rows and all(Path(name).name == name for name, _ in rows):
                frames = tuple((folder / name, sha256) for name, sha256 in rows)
                return Listed(body, frames)
        elif body["schema"] == movie.SCHEMA:
            name = str(body["name"])
            if Path(name).name == name:
                return Listed(body, movie=folder / name)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise VerificationError("effects.master", f"{manifest} is no manifest of a master")


def check(manifest: Path, folder: Path | None = None) -> list[str]:
    """What is wrong with a master's manifest and the files that it lists; empty when all is right.

    Who signed it is the business of `overt verify`, which is told whom to trust.

    Args:
        manifest: The manifest.
        folder: Where the frames or the movie are; the manifest's own when not given.

    Raises:
        VerificationError: `effects.master`: it is no manifest of a master.
    """
    listed = read(manifest, folder)
    problems = _unsigned(manifest)
    if listed.movie is not None:
        return problems + _movie_problems(listed.body, listed.movie)
    for path, digest in listed.frames:
        if not path.is_file():
            problems.append(f"{path.name}: missing")
        elif digest_of(path) != digest:
            problems.append(f"{path.name}: changed")
    rows = ((path.name, digest) for path, digest in listed.frames)
    if whole(rows) != listed.body.get("digest"):
        problems.append("the list of frames was changed")
    return problems


def _unsigned(manifest: Path) -> list[str]:
    """Whoever changes a frame can change its line, too: only the signature tells."""
    from overt.inspect import verify

    integrity = verify(manifest).integrity
    if integrity == "absent":
        return ["the manifest is not signed"]
    return [] if integrity == "valid" else ["the manifest was changed after it was signed"]


def _movie_problems(body: dict[str, Any], path: Path) -> list[str]:
    """The pictures that differ, by number, where the file as a whole does."""
    try:
        if movie.listed_digest(body) != body["digest"]:
            return ["the list of frames was changed"]
        if not path.is_file():
            return [f"{path.name}: missing"]
        if digest_of(path) == body["sha256"]:
            return []
        now = movie.describe(path)
    except (KeyError, TypeError):
        return ["the list of frames was changed"]
    except StageError:
        return [f"{path.name}: damaged"]
    before, after = body["frames"], now["frames"]
    problems = [f"{path.name}: changed"]
    if len(before) != len(after):
        problems.append(f"{len(after)} pictures instead of {len(before)}")
    pairs = enumerate(zip(before, after, strict=False))
    return problems + [f"picture {number}: changed" for number, (a, b) in pairs if a != b]


def _said(declared: Declaration) -> dict[str, Any]:
    """What is declared, without names of people."""
    said = {name: getattr(declared, name) for name in _SAID}
    return {
        "extent": declared.extent.value,
        "realism": declared.realism.value if declared.realism else None,
        "by": declared.by.value,
        **{name: value for name, value in said.items() if value is not None},
    }
