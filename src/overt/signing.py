"""A disclosed output is signed, read back, proved and kept where it can be delivered.

What must be beside it (a sidecar, a manifest in the archive) is put there before the ledger says
that it left.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from overt.beside import beside
from overt.clearance import Clearance
from overt.models import Disclosure, ManifestRef, Media, Request, write_whole

if TYPE_CHECKING:
    from overt.closing import Claim
    from overt.disclosing import Disclosed
    from overt.parts import Parts
    from overt.provenance import embed
    from overt.provenance.fingerprint import Fingerprint, Remembered
    from overt.provenance.manifest import SoftwareAgent
    from overt.provenance.model import Manifest
    from overt.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Signed:
    """An output that is finished: not one byte may change now (I2)."""

    media: Media
    disclosures: tuple[Disclosure, ...]
    manifest: ManifestRef
    sidecar: bytes | None
    digest: str
    fingerprint: Remembered | None


def sign(
    parts: Parts, clearance: Clearance, claim: Claim, one: Disclosed, work: Workspace
) -> Signed:
    """Sign last, read back with our own anchors, and hold the file where it can be delivered.

    The disclosures are proved on the finished file; the picture is decoded beside the signing.

    Raises:
        StageError: Signing, reading back or writing failed, or the finished file does not show
            what is owed.
    """
    from overt.provenance.fingerprint import kept, known_by

    inputs = clearance.request.inputs
    with beside(one.rendered.look) as looked:
        after, before = _looks(parts, one)
        seen = known_by(after)
        with (
            parts.embedder.signing(
                one.rendered.media,
                _manifest(parts, clearance, claim, one, seen),
                inputs=(*inputs, *references_of(clearance.request)),
                # Re-encoding drops the credentials that a provider's file came with.
                original=None if inputs else one.original,
                destination=work.next_path(),
            ) as done,
            _keeping_beside(parts, done) as put,
        ):
            known = kept(seen, known_by(before()))
            shown = one.rendered.prove(done.media, looked())
            put()
    return Signed(
        done.media,
        shown,
        ManifestRef(label=done.label, digital_source_type=done.digital_source_type),
        done.sidecar,
        done.digest,
        known,
    )


def references_of(request: Request) -> tuple[Media, ...]:
    """What the work was made from or guided by and that is not in it: `inputTo`."""
    return (*request.references, *request.guides)


def keep_beside(parts: Parts, done: embed.Signed) -> None:
    """Put the sidecar beside its file, and the manifest where a stripped file can have it back.

    Both are there before the ledger says that the asset left, also after a crash.
    """
    if done.sidecar is not None and done.media.path is not None:
        write_whole(done.media.path.with_name(done.media.path.name + ".c2pa"), done.sidecar)
    folder = parts.config.lookup.archive
    if folder is not None:
        from overt.provenance.archive import ManifestArchive

        ManifestArchive(parts.config.path(folder)).put(done.label, done.store)


def _manifest(
    parts: Parts, clearance: Clearance, claim: Claim, one: Disclosed, seen: Fingerprint | None
) -> Manifest:
    """What the run says about its output."""
    from overt.provenance.fingerprint import ALGORITHM
    from overt.provenance.manifest import SoftBinding, manifest_for

    request, decision = clearance.request, clearance.decision
    assert decision.index is not None
    return manifest_for(
        request.media_type,
        act=request.act,
        extent=request.extent,
        tool_name=request.tool or parts.config.tool.name,
        tool_version=parts.config.tool.version,
        disclosures=one.rendered.claimed,
        consents=decision.consents,
        decision_id=decision.id,
        decision_index=decision.index,
        origin=parts.config.ledger.origin,
        checkpoint=claim.checkpoint,
        declared_by=request.declared_by,
        inputs=request.inputs,
        references=references_of(request),
        when=parts.now(),
        soft_bindings=(SoftBinding(algorithm=ALGORITHM, value=seen.iscc),) if seen else (),
        watermark=_watermark_agent(parts) if one.watermarked else None,
    )


def _watermark_agent(parts: Parts) -> SoftwareAgent:
    from overt.provenance.manifest import SoftwareAgent

    assert parts.watermarker is not None
    return SoftwareAgent(name=parts.watermarker.name, version=parts.watermarker.version)


def _looks(
    parts: Parts, one: Disclosed
) -> tuple[Media | bytes | None, Callable[[], Media | bytes | None]]:
    """What finds the asset again without its manifest: its looks as labelled, and before that."""
    from overt.viewing import viewed

    if not parts.config.lookup.fingerprints:
        return None, lambda: None
    made, looks = one.rendered.media, one.rendered.looks
    if looks is not None:
        return looks.after(), looks.before
    return viewed(made), lambda: None if made is one.original else viewed(one.original)


def _keeping_beside(parts: Parts, done: embed.Signed) -> AbstractContextManager[Callable[[], None]]:
    """Keep what is to be kept while the block runs; most often it is one thing, or nothing."""
    if done.sidecar is None and parts.config.lookup.archive is None:
        return nullcontext(lambda: None)
    return beside(partial(keep_beside, parts, done))
