"""Questions to a finished asset: does it verify, and did it come from us?

Both work offline, change nothing, and need no key. `verify` reads a stranger's file in a process of
its own and, given a ledger, checks that the record the manifest cites is in it. `lookup` compares a
file with the assets that a ledger knows.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from overt.errors import ConfigError, VerificationError
from overt.provenance.isolated import IsolatedReader
from overt.provenance.verification import Finding, FoundRecord, Integrity, Trust, Verification
from overt.provenance.verify import verify_file

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from overt.ports import Watermarker
    from overt.provenance.archive import ManifestArchive
    from overt.provenance.index import FingerprintIndex
    from overt.provenance.known import KnownAsset, Lookup
    from overt.storage import Database

__all__ = ["Verification", "lookup", "recover", "verify", "verify_folder"]

_PROOF_PROBLEMS = {
    "missing": "the ledger has no such record",
    "invalid": "the ledger's record does not fit the manifest, or its tree does not verify",
}


def verify(
    asset: str | Path | bytes,
    *,
    sidecar: str | Path | bytes | None = None,
    trust: bytes | None = None,
    require_disclosure: bool = False,
    ledger_db: str | None = None,
) -> Verification:
    """Verify one asset.

    Args:
        asset: A path or the bytes.
        sidecar: Its manifest store, path or bytes, when it is not inside or beside the file.
        trust: Roots in PEM. With them, a signer who does not chain to one is a failure.
        require_disclosure: A manifest that verifies must name at least one disclosure.
        ledger_db: URL of the database whose ledger should hold the record that the manifest cites.

    Raises:
        VerificationError: The file or the sidecar cannot be read.
        ConfigError: The database cannot be opened, or `trust` holds no certificate.
    """
    _check_roots(trust)
    with tempfile.TemporaryDirectory(prefix="overt-verify-") as name, IsolatedReader(trust) as own:
        folder = Path(name)
        path = _on_disk(asset, folder / "asset")
        beside = None if sidecar is None else _on_disk(sidecar, folder / "asset.c2pa")
        result = verify_file(
            path,
            own,
            sidecar=beside,
            must_trust=trust is not None,
            require_disclosure=require_disclosure,
        )
    if ledger_db is None or result.record is None:
        return result
    with _ledger(ledger_db) as database:
        return _with_proof(result, database)


def verify_folder(
    folder: Path,
    *,
    trust: bytes | None = None,
    require_disclosure: bool = False,
    ledger_db: str | None = None,
) -> list[Verification]:
    """Verify every file under a folder, in order of name; sidecars are taken with their assets.

    Raises:
        VerificationError: A file cannot be read.
        ConfigError: The database cannot be opened, or `trust` holds no certificate.
    """
    _check_roots(trust)
    with IsolatedReader(trust) as reader:
        results = []
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix == ".c2pa":
                continue
            result = verify_file(
                path, reader, must_trust=trust is not None, require_disclosure=require_disclosure
            )
            name = str(path.relative_to(folder))
            results.append(result.model_copy(update={"file": name}))
    if ledger_db is None:
        return results
    with _ledger(ledger_db) as database:
        return [_with_proof(result, database) for result in results]


def lookup(
    asset: str | Path | bytes,
    ledger_db: str,
    *,
    trust: bytes | None = None,
    index: FingerprintIndex | None = None,
    watermarker: Watermarker | None = None,
) -> Lookup:
    """Whether an asset is one that the ledger knows: by its bytes, its manifest, its looks.

    Args:
        asset: A path or the bytes.
        ledger_db: URL of the database.
        trust: Roots that a manifest's signer must chain to for the manifest to count.
        index: Fingerprints to search; without one, those of the ledger are loaded for this call.
        watermarker: Reads pictures that none of these tells: takes a second or so each.

    Raises:
        VerificationError: The file cannot be read.
        ConfigError: The database cannot be opened, or `trust` holds no certificate.
    """
    from overt.provenance import known

    _check_roots(trust)

    with (
        tempfile.TemporaryDirectory(prefix="overt-lookup-") as name,
        _ledger(ledger_db) as database,
    ):
        path = _on_disk(asset, Path(name) / "asset")
        digest = _digest(path)
        same = database.read(lambda tx: known.by_digest(tx, digest))
        if same:
            return _match("exact", known.EXACT, same)
        with IsolatedReader(trust) as reader:
            seen = verify_file(path, reader)
        label = seen.manifest
        if label is not None and (trust is None or seen.trust is Trust.TRUSTED):
            signed = database.read(lambda tx: known.by_label(tx, label))
            whole = seen.integrity is Integrity.VALID
            if signed:
                confidence = known.MANIFEST_WHOLE if whole else known.MANIFEST_CHANGED
                return _match("manifest", confidence, signed)
        alike = _alike(path, seen.media_type, database, index)
        return alike if watermarker is None else _read_mark(path, alike, database, watermarker)


def recover(found: Lookup, archive: ManifestArchive) -> bytes | None:
    """The manifest store of a matched asset, when it was kept; to be put beside a stripped file."""
    if found.asset is None or found.asset.label is None:
        return None
    return archive.get(found.asset.label)


def _alike(
    path: Path, media_type: str | None, database: Database, index: FingerprintIndex | None
) -> Lookup:
    """The assets that look or sound like a file."""
    from overt.models import Media
    from overt.provenance import known
    from overt.provenance.fingerprint import fingerprint
    from overt.provenance.index import FingerprintIndex, confidence
    from overt.viewing import viewed

    if media_type is None:
        return known.no_match()
    try:
        sought = fingerprint(viewed(Media(media_type=media_type, path=path)))
        index = FingerprintIndex() if index is None else index
    except ConfigError as missing:
        return known.no_match(f"{known.NO_MATCH_NOTE} Fingerprints were not compared: {missing}")
    if sought is None:
        return known.no_match(f"{known.NO_MATCH_NOTE} There is nothing to fingerprint in it.")
    database.read(index.load)
    near = index.search(sought)
    if not near:
        return known.no_match()
    nearest = [each.id for each in near if each.distance == near[0].distance]
    others = [each.id for each in near[len(nearest) :]]
    equals, rest = database.read(lambda tx: (known.by_ids(tx, nearest), known.by_ids(tx, others)))
    if not equals:
        return known.no_match()
    # One picture in two formats looks the same in both: then the format tells, then age.
    equals = tuple(sorted(equals, key=lambda one: (one.media_type != media_type, one.made_at)))
    found = (*equals, *rest)
    return known.Lookup(
        match="fingerprint",
        confidence=confidence(sought.kind, near[0].distance),
        distance=near[0].distance,
        asset=found[0],
        others=found[1:],
        note="it looks or sounds alike, which is not the same as being the same",
    )


def _read_mark(path: Path, alike: Lookup, database: Database, watermarker: Watermarker) -> Lookup:
    """What the watermark adds: which of several that look alike, or one that no longer does."""
    from overt.provenance import known, watermark
    from overt.watermarking import read

    payload = read(path, watermarker)
    if payload is None:
        return alike
    if alike.asset is not None:
        return known.with_mark(alike, payload)
    ids, distance, sure = database.read(lambda tx: watermark.nearest(tx, payload))
    if not ids:
        return alike
    found = database.read(lambda tx: known.by_ids(tx, ids))
    return known.Lookup(
        match="watermark",
        confidence=sure,
        distance=distance,
        asset=found[0],
        others=found[1:],
        note="it carries the mark of a run of ours; a mark can be copied onto another picture",
    )


def _check_roots(trust: bytes | None) -> None:
    """Roots that are none are the caller's mistake, and nothing that is wrong with the file."""
    from overt.provenance.certificates import certificates

    try:
        if trust is not None:
            certificates(trust)
    except ValueError:
        raise ConfigError(
            "verify.trust",
            "nothing was verified",
            "the roots to trust hold no certificate that can be parsed",
            "give them in PEM",
        ) from None


def _match(
    kind: Literal["exact", "manifest"], confidence: float, found: tuple[KnownAsset, ...]
) -> Lookup:
    from overt.provenance.known import Lookup

    return Lookup(
        match=kind,
        confidence=confidence,
        distance=0 if kind == "exact" else None,
        asset=found[0],
        others=found[1:],
    )


@contextmanager
def _ledger(url: str) -> Iterator[Database]:
    from overt.storage import Database

    with Database.open(url) as database:
        yield database


def _with_proof(result: Verification, database: Database) -> Verification:
    record = result.record
    if record is None or record.index is None:
        return result
    proof = database.read(lambda tx: _proof(tx, record))
    proven = result.model_copy(update={"record": record.model_copy(update={"proof": proof})})
    if proof not in _PROOF_PROBLEMS:
        return proven
    return proven.with_problems(Finding(code=f"record.{proof}", message=_PROOF_PROBLEMS[proof]))


def _proof(
    tx: Connection, record: FoundRecord
) -> Literal["included", "missing", "invalid", "unchecked"]:
    """Whether the ledger at hand has the record, under a tree that verifies."""
    from sqlalchemy import select

    from overt.ledger import merkle
    from overt.ledger.verify import verify_inclusion
    from overt.storage.schema import entries, ledger_heads, nodes

    head = tx.execute(select(ledger_heads)).one_or_none()
    if head is None or head.origin != record.origin:
        return "unchecked"  # another ledger's record: this one cannot say anything
    index = record.index
    assert index is not None
    row = tx.execute(select(entries).where(entries.c.idx == index)).one_or_none()
    if row is None:
        return "missing"

    def stored(name: merkle.Node) -> bytes:
        level, at = name
        if level == 0:
            query = select(entries.c.hash).where(entries.c.idx == at)
        else:
            query = select(nodes.c.hash).where(nodes.c.level == level, nodes.c.idx == at)
        return bytes(tx.execute(query).scalar_one())

    body = bytes(row.body)
    packed = bytes(head.frontier)
    root = merkle.fold([packed[at : at + 32] for at in range(0, len(packed), 32)])
    try:
        path = merkle.inclusion(index, head.size, stored)
        verify_inclusion(body, index, head.size, path, root)
    except (VerificationError, ValueError):
        return "invalid"
    fits = record.decision is None or json.loads(body).get("id") == record.decision
    return "included" if fits else "invalid"


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as cause:
        raise VerificationError(
            "verify.unreadable", "the file was not read", cause.strerror or "", "check the path"
        ) from cause


def _on_disk(source: str | Path | bytes, path: Path) -> Path:
    if isinstance(source, bytes):
        path.write_bytes(source)
        return path
    return Path(source)
