"""Credentials that a file already carries: found, judged, never dropped and never laundered.

A generator may sign what it makes. Signing over it without naming it would remove its manifest and
look trusted; signing over a tampered one would look trusted too. So every input and every output of
a tool is searched, and what is found is read in an isolated process first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from overt.errors import StageError
from overt.models import Media
from overt.provenance.actions import DigitalSourceType, Relationship
from overt.provenance.formats import format_of
from overt.provenance.isolated import IsolatedReader, Reading
from overt.provenance.model import Manifest
from overt.provenance.shapes import UNTRUSTED
from overt.provenance.store import actions, active_manifest, failure_codes, mapping
from overt.provenance.traces import may_carry
from overt.sniff import SUFFIXES, canonical

UpstreamPolicy = Literal["strict", "refuse", "record"]
"""`strict` refuses tampered and untrusted credentials, `refuse` only tampered ones, `record` none;
what is not refused is recorded for what it is."""

State = Literal["valid", "untrusted", "invalid"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """What is known of credentials that were found."""

    state: State
    codes: tuple[str, ...] = ()
    source: DigitalSourceType | None = None
    """The AI source type that a manifest in it states, its newest one first."""


def find(media: Media, reader: IsolatedReader) -> Upstream | None:
    """The credentials of an asset, in it or beside it, judged; none when it has none."""
    media_type = canonical(media.media_type)
    kind = format_of(media_type)
    sidecar = beside(media)
    if sidecar is not None:
        assert media.path is not None
        return judge(reader.read(media.path, media_type, sidecar))
    if kind is None or not kind.embeds:
        return None
    if not may_carry(media, kind):
        return None
    with on_disk(media) as path:
        return judge(reader.read(path, media_type))


def beside(media: Media) -> Path | None:
    """The sidecar of a file whose format cannot carry a manifest; none where there is none."""
    kind = format_of(media.media_type)
    if media.path is None or kind is None or kind.embeds:
        return None
    sidecar = media.path.with_name(media.path.name + ".c2pa")
    return sidecar if sidecar.is_file() else None


def judge(reading: Reading) -> Upstream | None:
    """A reading as a verdict: whatever cannot be read is not valid."""
    if reading.error is not None:
        return Upstream("invalid", (reading.error,))
    if reading.store is None:
        return None
    codes = tuple(failure_codes(reading.store))
    source = _ai_source(reading.store)
    if any(code != UNTRUSTED for code in codes):
        return Upstream("invalid", codes, source)
    if codes or reading.store.get("validation_state") != "Trusted":
        return Upstream("untrusted", codes or (UNTRUSTED,), source)
    return Upstream("valid", (), source)


def _ai_source(store: Mapping[str, Any]) -> DigitalSourceType | None:
    manifests = [active_manifest(store), *map(mapping, mapping(store.get("manifests")).values())]
    for manifest in manifests:
        for action in actions(manifest):
            known = DigitalSourceType.from_uri(str(action.get("digitalSourceType", "")))
            if known is not None and known.is_ai:
                return known
    return None


def admit(found: Upstream | None, policy: UpstreamPolicy) -> Upstream | None:
    """Apply the policy.

    Raises:
        StageError: `sign.upstream_invalid` or `sign.upstream_untrusted`.
    """
    if found is None or found.state == "valid" or policy == "record":
        return found
    if found.state == "invalid":
        raise StageError(
            "sign",
            "sign.upstream_invalid",
            "the asset was not signed",
            f"credentials that it came with do not verify ({', '.join(found.codes)})",
            "use the untouched original, or set upstream to `record`",
        )
    if policy == "strict":
        raise StageError(
            "sign",
            "sign.upstream_untrusted",
            "the asset was not signed",
            "credentials that it came with are from a signer whom the trust anchors do not cover",
            "add that signer's root to the trust anchors, or set upstream to `refuse` or `record`",
        )
    return found


def admitted(
    parent: Media,
    inputs: Sequence[Media],
    manifest: Manifest,
    reader: IsolatedReader,
    policy: UpstreamPolicy,
) -> tuple[bool, Manifest]:
    """Whether `parent` carries credentials, and the manifest that names them.

    Args:
        parent: What is signed, as the tool made it.
        inputs: The assets behind the manifest's ingredients, in the same order.
        manifest: Of the signature to be.
        reader: Reads what strangers signed.
        policy: What is refused.

    Raises:
        StageError: The policy refuses credentials of one of them.
    """
    for media, ingredient in zip(inputs, manifest.ingredients, strict=True):
        brought = admit(find(media, reader), policy)
        if brought is not None and ingredient.relationship is Relationship.PARENT:
            manifest = manifest.repeating(brought.source)
    found = admit(find(parent, reader), policy)
    if found is None:
        return False, manifest
    return True, manifest.on_upstream(found.state).repeating(found.source)


def stores_beside(
    manifest: Manifest, sources: Sequence[Media], reader: IsolatedReader
) -> dict[str, bytes]:
    """Manifests that sources have beside them, by the ingredient's label.

    What was not admitted has been refused before; what was admitted although it does not
    verify stays outside, for it would make our own file one that does not.
    """
    stores = {}
    for each, source in zip(manifest.ingredients, sources, strict=True):
        sidecar = beside(source)
        if sidecar is None:
            continue
        found = find(source, reader)
        if found is not None and found.state != "invalid":
            stores[each.label] = sidecar.read_bytes()
    return stores


@contextmanager
def on_disk(media: Media) -> Iterator[Path]:
    """A path to the asset: its own, or a temporary file that is gone afterwards."""
    if media.path is not None:
        yield media.path
        return
    suffix = SUFFIXES.get(canonical(media.media_type), "")
    with tempfile.NamedTemporaryFile(prefix="overt-", suffix=suffix) as stream:
        stream.write(media.read())
        stream.flush()
        yield Path(stream.name)
