"""The steps behind the tool, one function each: claim, disclose, sign, record, deliver.

`Guard.finish_all` calls them in this order and no other. Nothing here is public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from overt import recording
from overt.beside import beside
from overt.clearance import Clearance
from overt.errors import NotCleared, OvertError, StageError
from overt.measured import as_word
from overt.models import (
    Act,
    Covers,
    DeclaredBy,
    Disclosure,
    Extent,
    FindingKind,
    ManifestRef,
    Media,
    Modality,
    Record,
    Request,
    Result,
    Role,
    write_whole,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.disclosure import Content, Facts, Rendered
    from overt.parts import Parts
    from overt.provenance import embed
    from overt.provenance.fingerprint import Fingerprint, Remembered
    from overt.provenance.manifest import SoftwareAgent
    from overt.provenance.model import Manifest
    from overt.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Disclosed:
    """An output as the tool made it, and with its disclosures on it: still to be proved."""

    original: Media
    rendered: Rendered
    watermarked: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """An output that is finished: not one byte may change now (I2)."""

    media: Media
    disclosures: tuple[Disclosure, ...]
    manifest: ManifestRef
    sidecar: bytes | None
    digest: str
    fingerprint: Remembered | None


# --- claim -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """What the closing transaction needs to use a clearance up."""

    digest: str
    checkpoint: str | None
    """The newest signed checkpoint of the ledger, for the manifest."""


def look_again(parts: Parts, clearance: Clearance) -> Claim:
    """See that the clearance counts and its consents hold, before any work is done (I6).

    This is for telling early. What decides is `record()`, which uses the clearance up and looks at
    the consents in the very transaction of the closing entry.

    Raises:
        StageError: It was used, changed, is unknown or too old; or a consent was revoked, which
            closes the run as `quarantined`.
    """
    from overt.storage import clearances

    digest = clearance.digest()

    def look(tx: Connection) -> str | None:
        clearances.check(tx, clearance.id, digest, parts.now())
        return parts.ledger.latest(tx)

    checkpoint = parts.database.read(look)
    if any(state.valid for state in clearance.decision.consents) and parts.database.write(
        lambda tx: _quarantined(parts, tx, clearance)
    ):
        raise _withdrawn()
    return Claim(digest, checkpoint)


def _quarantined(parts: Parts, tx: Connection, clearance: Clearance) -> str | None:
    """Close as quarantined when a consent that was relied on no longer holds; its code."""
    lost = parts.consents.release(tx, clearance.decision.id, parts.now())
    if not lost:
        return None
    _append_closing(parts, tx, clearance, "quarantined", code=lost[0].code)
    return str(lost[0].code)


def _withdrawn() -> StageError:
    return StageError(
        "consent",
        "consent.withdrawn",
        "the output is quarantined",
        "a consent it relied on no longer holds",
        "ask the subject again",
    )


# --- disclose and sign ---------------------------------------------------------------------------


def disclose(parts: Parts, clearance: Clearance, media: Media, work: Workspace) -> Disclosed:
    """Decode the output whole, plan what is owed, and put it on.

    Raises:
        StageError: The output is not what was declared, or the plan cannot be carried out.
    """
    from overt.disclosure import examine, plan
    from overt.disclosure.profiles import added

    request = clearance.request
    facts = examine(media, declared=request.media_type)
    text = text_of(media)
    languages = clearance.languages
    if media.language or text:  # the output itself tells better than the prompt did
        languages = parts.judge.languages(request, media, text)
    planned = plan(
        _content(clearance, facts),
        clearance.decision.obligations,
        (*parts.config.disclosure.profiles, *added(request.profiles)),
        languages,
        catalogue=parts.renderer.catalogue,
        speaks=parts.renderer.speaks,
    )
    rendered = parts.renderer.render(
        media,
        planned,
        name=parts.judge.people.depicted(request, clearance.decision),
        facts=facts,
        work=None if media.path is None and not facts.has_video else work.folder,
        look=parts.config.lookup.fingerprints,
    )
    return _watermarked(parts, clearance, Disclosed(media, rendered))


def _watermarked(parts: Parts, clearance: Clearance, one: Disclosed) -> Disclosed:
    """The same with a hidden mark, where one is wanted and the picture holds it.

    What it looks like is measured anew, and the label is proved on the file that carries the mark.
    """
    if parts.watermarker is None or one.rendered.media.modality is not Modality.IMAGE:
        return one
    from overt.watermarking import marked

    media = marked(one.rendered.media, parts.watermarker, clearance.decision.id)
    if media is None:
        return one
    return Disclosed(one.original, replace(one.rendered, media=media, looks=None), watermarked=True)


def _watermark_agent(parts: Parts) -> SoftwareAgent:
    from overt.provenance.manifest import SoftwareAgent

    assert parts.watermarker is not None
    return SoftwareAgent(name=parts.watermarker.name, version=parts.watermarker.version)


def _content(clearance: Clearance, facts: Facts) -> Content:
    from overt.disclosure import Content

    request, decision = clearance.request, clearance.decision
    edited = request.act is Act.ALTER
    wordings = {one.wording for one in decision.obligations}
    figures = [
        one.figure.role
        for one in decision.findings
        if one.kind is FindingKind.FIGURE and one.figure is not None
    ]
    shown = {Role.DEPICTED, Role.VOICED, Role.AUTHORED}
    return Content(
        media_type=request.media_type,
        facts=facts,
        extent=request.extent,
        realism=request.realism,
        covers=request.covers or Covers.WHOLE,
        figure=bool(shown & set(figures)) or any(s.figure_id for s in request.subjects),
        satire=request.satire or "satire_label" in wordings,
        authorised_voice="authorized_voice_label" in wordings,
        synthetic_audio=facts.has_audio and _speaks(request),
        synthetic_video=facts.has_video or request.modality is Modality.IMAGE,
        edited_real=edited,
        declared_by=DeclaredBy(request.declared_by),
    )


def _speaks(request: Request) -> bool:
    """Whether the sound is synthetic: an edit of a video leaves it real, unless it says `voice`."""
    edited = request.act is Act.ALTER
    return not edited or request.modality is Modality.AUDIO or request.covers is Covers.VOICE


def text_of(media: Media) -> str | None:
    """What an output says, for screening and for its language: its text, or its transcript."""
    if media.modality is not Modality.TEXT:
        return media.transcript
    if media.media_type == "application/pdf":
        from overt.disclosure.pdf import text_in

        return "\n".join((media.transcript or "", text_in(media.read()))).strip()
    return media.read().decode("utf-8", "replace")


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


def measured_change(request: Request, media: Media) -> float | None:
    """Share of the picture that an edit changed, where it claims little and was not measured yet.

    Raises:
        StageError: The plate or the output cannot be decoded.
    """
    little = request.act is Act.ALTER and request.extent in (Extent.NONE, Extent.MINOR)
    if not little or request.measured_change is not None or not request.inputs:
        return None
    plate = request.inputs[0]
    if plate == media:
        return None
    from overt.effects.change import changed_share

    return changed_share(plate, media)


def references_of(request: Request) -> tuple[Media, ...]:
    """What the work was made from or guided by and that is not in it: `inputTo`."""
    return (*request.references, *request.guides)


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
    return beside(partial(_keep_beside, parts, done))


def _keep_beside(parts: Parts, done: embed.Signed) -> None:
    """Put the sidecar beside its file, and the manifest where a stripped file can have it back.

    Both are there before the ledger says that the asset left, also after a crash.
    """
    if done.sidecar is not None and done.media.path is not None:
        write_whole(done.media.path.with_name(done.media.path.name + ".c2pa"), done.sidecar)
    folder = parts.config.lookup.archive
    if folder is not None:
        from overt.provenance.archive import ManifestArchive

        ManifestArchive(parts.config.path(folder)).put(done.label, done.store)


# --- record ------------------------------------------------------------------------------------


def record(parts: Parts, clearance: Clearance, claim: Claim, signed: Sequence[Signed]) -> Record:
    """Use the clearance up and write the closing entry; only after it the outputs may leave.

    Raises:
        StageError: The clearance was used meanwhile, a consent was revoked (the run is then
            quarantined), or the ledger failed.
    """
    from overt.storage import clearances

    def work(tx: Connection) -> Record | None:
        clearances.claim(tx, clearance.id, claim.digest, parts.now())
        if _quarantined(parts, tx, clearance):
            return None
        entry = _append_closing(parts, tx, clearance, "released", signed=signed)
        for one in signed:
            recording.remember_asset(tx, clearance, one, entry, parts.now())
        return entry

    entry = parts.database.write(work)
    if entry is None:
        raise _withdrawn()
    return entry


def close(parts: Parts, clearance: Clearance, state: str, code: str) -> None:
    """Add the one closing entry of a run that released nothing, unless it has one already."""
    with suppress(StageError):  # it ended already, or the store is down and the run will lapse
        parts.database.write(lambda tx: _append_closing(parts, tx, clearance, state, code=code))


def _append_closing(
    parts: Parts,
    tx: Connection,
    clearance: Clearance,
    state: str,
    *,
    code: str | None = None,
    signed: Sequence[Signed] = (),
) -> Record:
    from overt.storage import clearances

    clearances.close(tx, clearance.id, state, parts.now())  # first: it may have lapsed
    entry: dict[str, Any] = {
        "type": state,
        "id": clearance.id,
        "decision": clearance.decision.id,
        "at": parts.now().isoformat(),
    }
    if code:
        entry["code"] = code
    if signed:
        entry["assets"] = [one.digest for one in signed]
        entry["disclosures"] = [as_word(shown) for one in signed for shown in one.disclosures]
    return parts.ledger.append(tx, entry)


@contextmanager
def failing_closed(parts: Parts, clearance: Clearance) -> Iterator[None]:
    """Whatever goes wrong inside, the run gets its closing entry and nothing is released."""
    try:
        yield
    except NotCleared as error:
        close(parts, clearance, "quarantined", error.code)
        raise
    except OvertError as error:
        close(parts, clearance, "failed", error.code)
        raise
    except OSError as error:
        close(parts, clearance, "failed", "output.io")
        raise StageError(
            "sign",
            "output.io",
            "the output could not be written",
            error.strerror or "",
            "free space",
        ) from error
    except BaseException:
        close(parts, clearance, "failed", "stage.crashed")
        raise


def result(
    clearance: Clearance, signed: Signed, media: Media, record: Record, elapsed: dict[str, float]
) -> Result:
    """What the caller gets."""
    return Result(
        media=media,
        decision=clearance.decision,
        disclosures=signed.disclosures,
        manifest=signed.manifest,
        record=record,
        sidecar=signed.sidecar,
        elapsed_ms={key: round(value, 3) for key, value in elapsed.items()},
    )
