"""Verifies assets that nobody vouches for, and says what their manifests claim.

Files are read in an isolated process. What a manifest says is reported as it stands, so it is to be
believed only as far as `integrity` and `trust` go. No network is used: a manifest that lives
elsewhere is reported, not fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from overt.errors import VerificationError
from overt.provenance import annex
from overt.provenance import store as stores
from overt.provenance.actions import DigitalSourceType
from overt.provenance.formats import first_box_digest, format_of, sniffed
from overt.provenance.isolated import IsolatedReader, Reading
from overt.provenance.model import (
    CONSENT_LABEL,
    DISCLOSURE_LABEL,
    RECORD_LABEL,
    SOFT_BINDING_LABEL,
    TRAINING_LABEL,
)
from overt.provenance.shapes import UNTRUSTED
from overt.provenance.verification import (
    Finding,
    FoundAction,
    FoundConsent,
    FoundDisclosure,
    FoundIngredient,
    FoundRecord,
    FoundSigner,
    Integrity,
    Trust,
    Verification,
)

_READ_PROBLEMS = {
    "read.malformed": "the manifest or the file around it cannot be parsed",
    "read.timeout": "reading it took too long and was stopped",
    "read.crash": "reading it broke the reader, or needed too much memory",
    "read.remote": "its manifest is kept elsewhere and was not fetched",
}

_ANY_BYTES = "application/octet-stream"


def sidecar_of(path: Path) -> Path | None:
    """The sidecar beside a file, `<name>.c2pa`, when there is one."""
    beside = path.with_name(path.name + ".c2pa")
    return beside if beside.is_file() else None


def verify_file(
    path: Path,
    reader: IsolatedReader,
    *,
    sidecar: Path | None = None,
    must_trust: bool = False,
    require_disclosure: bool = False,
) -> Verification:
    """Verify one file.

    Args:
        path: The asset.
        reader: Holds the trust anchors.
        sidecar: Its manifest, when not embedded; one beside the file is found by itself.
        must_trust: An unknown signer is a failure; for when anchors were given.
        require_disclosure: A disclosure must be there.

    Raises:
        VerificationError: The file cannot be read at all.
    """
    try:
        with path.open("rb") as stream:
            media_type = sniffed(stream, path)
    except OSError as cause:
        raise VerificationError(
            "verify.unreadable", "the file was not verified", cause.strerror or "", "check the path"
        ) from cause
    beside = sidecar or sidecar_of(path)
    if beside is not None and not beside.is_file():
        raise VerificationError("verify.sidecar", "the sidecar is not there", "", "check its path")
    if media_type is None and beside is None:
        problem = Finding(code="file.unknown", message="not a format that overt knows")
        return _absent(path, None, (problem,))
    kind = format_of(media_type or "")
    if beside is None and (kind is None or not (kind.embeds or media_type in annex.MEDIA_TYPES)):
        return _absent(path, media_type, (_no_manifest(),))
    # A sidecar binds the bytes of any file, even one that no longer looks like what it was.
    reading = reader.read(path, media_type or _ANY_BYTES, beside)
    if reading.store is not None:
        _check_first_box(reading.store, path)
    result = _judged(reading, path, media_type, beside is not None)
    return result.with_problems(*_demands(result, must_trust, require_disclosure))


def _check_first_box(store: dict[str, Any], path: Path) -> None:
    """Note it as irregular when the box that the C2PA hash leaves out is not the one recorded."""
    record = next(stores.assertions(stores.active_manifest(store), RECORD_LABEL), {})
    recorded = record.get("ftyp")
    if recorded is None:
        return
    with path.open("rb") as stream:
        if first_box_digest(stream) != recorded:
            store["irregular"] = [*stores.sequence(store.get("irregular")), "overt.ftyp"]


def _judged(reading: Reading, path: Path, media_type: str | None, sidecar: bool) -> Verification:
    if reading.error == "read.unsupported" or (reading.error is None and reading.store is None):
        return _absent(path, media_type, (_no_manifest(),))
    if reading.error is not None:
        problem = Finding(
            code=reading.error, message=_READ_PROBLEMS.get(reading.error, "it cannot be read")
        )
        absent = reading.error == "read.remote"
        return Verification(
            integrity=Integrity.ABSENT if absent else Integrity.INVALID,
            trust=Trust.ABSENT if absent else Trust.UNTRUSTED,
            problems=(problem,),
            file=path.name,
            media_type=media_type,
            sidecar=sidecar,
        )
    assert reading.store is not None
    return _described(reading.store, path, media_type, sidecar)


def _described(
    store: dict[str, Any], path: Path, media_type: str | None, sidecar: bool
) -> Verification:
    active = stores.active_manifest(store)
    codes = stores.failure_codes(store, ingredients=False)
    broken = [code for code in codes if code != UNTRUSTED]
    # The library's own verdict counts too: nothing it calls invalid is ever valid here.
    if not broken and store.get("validation_state") not in ("Trusted", "Valid"):
        broken = ["unknown"]
    trusted = store.get("validation_state") == "Trusted" or _signer_trusted(store)
    ingredients = tuple(_ingredients(store, active))
    problems = [
        Finding(code=code, message="the signed manifest and the file disagree") for code in broken
    ]
    if any(each.integrity is Integrity.INVALID for each in ingredients):
        problems.append(
            Finding(code="ingredient.invalid", message="a source of it was tampered with")
        )
    records = next(stores.assertions(active, RECORD_LABEL), {})
    return Verification(
        integrity=Integrity.INVALID if broken else Integrity.VALID,
        trust=Trust.TRUSTED if trusted else Trust.UNTRUSTED,
        digital_source_type=_source_type(active),
        actions=tuple(_actions(active)),
        disclosures=tuple(_disclosures(active)),
        consents=tuple(_consents(active)),
        ingredients=ingredients,
        record=_record(records),
        problems=tuple(problems),
        file=path.name,
        media_type=media_type,
        manifest=_text(store.get("active_manifest")),
        signer=_signer(active),
        soft_bindings=tuple(_soft_bindings(active)),
        sidecar=sidecar,
        declared_by=_text(records.get("declared_by")),
        training=_training(active),
    )


def _demands(result: Verification, must_trust: bool, require_disclosure: bool) -> Iterator[Finding]:
    if must_trust and result.trust is Trust.UNTRUSTED and result.integrity is Integrity.VALID:
        yield Finding(
            code="trust.untrusted", message="the signer does not chain to the given roots"
        )
    if require_disclosure and not (result.integrity is Integrity.VALID and result.disclosures):
        yield Finding(
            code="disclosure.missing", message="no disclosure is vouched for by a valid manifest"
        )


def _absent(path: Path, media_type: str | None, problems: tuple[Finding, ...]) -> Verification:
    return Verification(
        integrity=Integrity.ABSENT,
        trust=Trust.ABSENT,
        problems=problems,
        file=path.name,
        media_type=media_type,
    )


def _no_manifest() -> Finding:
    return Finding(
        code="manifest.absent",
        message="no manifest: that says nothing about where the file comes from",
    )


def _signer_trusted(store: Mapping[str, Any]) -> bool:
    results = stores.mapping(store.get("validation_results"))
    active = stores.mapping(results.get("activeManifest"))
    success = {stores.mapping(e).get("code") for e in stores.sequence(active.get("success"))}
    failure = {stores.mapping(e).get("code") for e in stores.sequence(active.get("failure"))}
    return "signingCredential.trusted" in success and not any(
        str(code).startswith("signingCredential") for code in failure
    )


def _source_type(manifest: Mapping[str, Any]) -> str | None:
    for action in stores.actions(manifest):
        uri = action.get("digitalSourceType")
        if isinstance(uri, str):
            known = DigitalSourceType.from_uri(uri)
            return known.value if known else uri
    return None


def _actions(manifest: Mapping[str, Any]) -> Iterator[FoundAction]:
    for action in stores.actions(manifest):
        agent = action.get("softwareAgent")
        name = stores.mapping(agent).get("name") if not isinstance(agent, str) else agent
        yield FoundAction(
            action=str(action.get("action")),
            when=_text(action.get("when")),
            digital_source_type=_text(action.get("digitalSourceType")),
            agent=_text(name),
            description=_text(action.get("description")),
        )


def _disclosures(manifest: Mapping[str, Any]) -> Iterator[FoundDisclosure]:
    for data in stores.assertions(manifest, DISCLOSURE_LABEL):
        for entry in map(stores.mapping, stores.sequence(data.get("disclosures"))):
            yield FoundDisclosure(
                mode=str(entry.get("mode", "")),
                language=str(entry.get("language", "und")),
                text=str(entry.get("text", "")),
                wording=_text(entry.get("wording")),
                covers=_text(entry.get("covers")),
            )


def _consents(manifest: Mapping[str, Any]) -> Iterator[FoundConsent]:
    for data in stores.assertions(manifest, CONSENT_LABEL):
        for entry in map(stores.mapping, stores.sequence(data.get("records"))):
            yield FoundConsent(
                id=str(entry.get("id", "")),
                acts=tuple(str(act) for act in stores.sequence(entry.get("acts"))),
                sha256=_text(entry.get("sha256")),
            )


def _ingredients(store: Mapping[str, Any], active: Mapping[str, Any]) -> Iterator[FoundIngredient]:
    manifests = stores.mapping(store.get("manifests"))
    deltas = _broken_ingredients(store)
    for ingredient in map(stores.mapping, stores.sequence(active.get("ingredients"))):
        label = ingredient.get("active_manifest")
        failed = [c for c in stores.ingredient_failures(ingredient) if c != UNTRUSTED]
        if str(ingredient.get("label")) in deltas:
            failed.append("delta")
        unsigned = Integrity.VALID if label else Integrity.ABSENT
        integrity = Integrity.INVALID if failed else unsigned
        yield FoundIngredient(
            relationship=str(ingredient.get("relationship", "")),
            integrity=integrity,
            digital_source_type=_source_type(stores.mapping(manifests.get(str(label)))),
        )


def _broken_ingredients(store: Mapping[str, Any]) -> set[str]:
    """Labels of ingredients that failed now, though they were whole when they were added."""
    results = stores.mapping(store.get("validation_results"))
    labels: set[str] = set()
    for delta in map(stores.mapping, stores.sequence(results.get("ingredientDeltas"))):
        changes = stores.mapping(delta.get("validationDeltas"))
        codes = {stores.mapping(e).get("code") for e in stores.sequence(changes.get("failure"))}
        if codes - {UNTRUSTED}:
            labels.add(str(delta.get("ingredientAssertionURI", "")).rsplit("/", 1)[-1])
    return labels


def _record(data: Mapping[str, Any]) -> FoundRecord | None:
    index = data.get("index")
    origin = _text(data.get("origin"))
    decision = _text(data.get("decision"))
    if origin is None and decision is None and index is None:
        return None
    lawful = isinstance(index, int) and not isinstance(index, bool) and index >= 0
    return FoundRecord(index=index if lawful else None, origin=origin, decision=decision)


def _signer(manifest: Mapping[str, Any]) -> FoundSigner:
    info = stores.mapping(manifest.get("signature_info"))
    return FoundSigner(
        name=_text(info.get("common_name")),
        issuer=_text(info.get("issuer")),
        algorithm=_text(info.get("alg")),
        time=_text(info.get("time")),
    )


def _soft_bindings(manifest: Mapping[str, Any]) -> Iterator[str]:
    for data in stores.assertions(manifest, SOFT_BINDING_LABEL):
        for block in map(stores.mapping, stores.sequence(data.get("blocks"))):
            yield f"{data.get('alg')} {block.get('value')}"


def _training(manifest: Mapping[str, Any]) -> str | None:
    for data in stores.assertions(manifest, TRAINING_LABEL):
        entries = stores.mapping(data.get("entries"))
        entry = stores.mapping(entries.get("cawg.ai_generative_training"))
        return _text(entry.get("use"))
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
