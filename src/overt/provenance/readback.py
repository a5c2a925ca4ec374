"""Reads and judges a manifest store that we have just written, before anybody else sees it.

A store is good when the library trusts it with our anchors, nothing failed, its newest manifest is
ours, and the source type in it is the one that was asked for. `Valid` without `Trusted` is not good
enough: it means that our own anchors do not cover our own chain.
"""

from __future__ import annotations

from typing import IO, Any

from overt.errors import StageError
from overt.provenance import _c2pa
from overt.provenance.model import Manifest
from overt.provenance.store import actions, active_manifest, failure_codes
from overt.provenance.target import failure


def read_back(
    signed: IO[bytes],
    manifest: Manifest,
    media_type: str,
    sidecar: bytes | None,
    pool: _c2pa.ContextPool,
    *,
    tampered_parts: bool = False,
) -> str:
    """The label of the active manifest of an asset that was just signed.

    Args:
        signed: The asset.
        manifest: As asked for.
        media_type: Of the asset.
        sidecar: The manifest store, where it is not in the asset.
        pool: The library's context, with our own anchors.
        tampered_parts: As of `check_store`.

    Raises:
        StageError: It does not verify, or cannot be read.
    """
    try:
        found = _c2pa.read_store(signed, media_type, sidecar, pool)
    except Exception as cause:
        raise failure(cause) from cause
    return check_store(found[0] if found else None, manifest, tampered_parts=tampered_parts)


def check_store(
    store: dict[str, Any] | None, manifest: Manifest, *, tampered_parts: bool = False
) -> str:
    """The label of the active manifest.

    Args:
        store: As read back.
        manifest: As asked for.
        tampered_parts: Failures of ingredients were admitted by configuration.

    Raises:
        StageError: `sign.readback`, with the failure codes.
    """
    if store is None:
        raise _bad("the file shows no manifest")
    if store.get("validation_state") != "Trusted":
        codes = failure_codes(store)
        raise _bad(", ".join(codes) or "it is not trusted under our own anchors")
    failed = failure_codes(store, ingredients=not tampered_parts)
    if failed:
        raise _bad(", ".join(failed))
    active = active_manifest(store)
    wanted = manifest.digital_source_type
    stated = [action.get("digitalSourceType") for action in actions(active)]
    if wanted is not None and wanted.uri not in stated:
        raise _bad("the digital source type is not in the active manifest")
    return str(store["active_manifest"])


def _bad(why: str) -> StageError:
    return StageError(
        "sign",
        "sign.readback",
        "the signed asset does not verify and was discarded",
        why,
        "check the certificate chain and the trust anchors",
    )
