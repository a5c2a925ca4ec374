"""Signs assets: into the file where the format allows it, beside it where not, with one call.

What `Embedder.sign` returns has been read back with the caller's own trust anchors and says what
was asked. It refuses: a file that is not what its media type says, a format it does not know, an
asset whose upstream credentials were tampered with, a signer whose chain does not lead to the
anchors, a signature that does not verify.

A file is never signed into its final place. Given a path, the signed file is a temporary one in the
folder of the destination, flushed to disk; the caller moves it when everything else is done.
"""

from __future__ import annotations

import io
import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from overt.errors import ConfigError, StageError
from overt.log import event
from overt.models import Media
from overt.ports import Signer
from overt.provenance import _c2pa, annex, upstream, xmp
from overt.provenance.formats import Format, first_box_digest
from overt.provenance.isolated import IsolatedReader
from overt.provenance.model import Manifest
from overt.provenance.probe import probe_signer
from overt.provenance.readback import read_back
from overt.provenance.sources import checked_format, opened, opened_ingredients
from overt.provenance.splice import Spliced
from overt.provenance.stamping import OnFailure, Stamping
from overt.provenance.target import Target, open_target, settling
from overt.provenance.tsa import TimeAuthority

__all__ = ["Embedder", "Signed"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed asset, verified.

    Attributes:
        media: The signed asset: bytes, or a temporary file that the caller moves or deletes.
        label: Label of the manifest, `urn:c2pa:…`.
        digital_source_type: The bare word, such as `trainedAlgorithmicMedia`; empty when the
            manifest states none.
        sidecar: The manifest store, where the format cannot carry it.
        digest: SHA-256 of the signed asset, in hexadecimal.
        timestamped: Whether a time-stamp authority's word is in it.
        store: The manifest store, wherever it was put; for `ManifestArchive`.
    """

    media: Media
    label: str
    digital_source_type: str
    sidecar: bytes | None
    digest: str
    timestamped: bool = False
    store: bytes = field(default=b"", repr=False)


class Embedder:
    """Signs with one key and checks with one set of trust anchors.

    Args:
        signer: Where the key is.
        anchors_pem: Roots, in PEM, that the signer's chain must lead to.
        time_authority: Asked for a time-stamp at each signature.
        on_tsa_failure: What to do when it does not answer: `fail`, or `sign_without`, in which
            case the credentials end with the leaf certificate.
        upstream: What to do with credentials that a file came with; see
            `overt.provenance.upstream`.
        upstream_anchors_pem: Roots for those; the same as for our own when not given.
        metadata: Whether the digital source type is also written as XMP.
        china: China's label, written beside it.

    Raises:
        ConfigError: The signer fails, or its chain does not lead to the anchors.
    """

    def __init__(
        self,
        signer: Signer,
        anchors_pem: bytes,
        *,
        time_authority: TimeAuthority | str | None = None,
        on_tsa_failure: OnFailure = "fail",
        upstream: upstream.UpstreamPolicy = "refuse",
        upstream_anchors_pem: bytes | None = None,
        metadata: bool = True,
        china: xmp.ChinaLabel | None = None,
    ) -> None:
        if isinstance(time_authority, str):
            time_authority = TimeAuthority(time_authority)
        if upstream not in ("strict", "refuse", "record"):
            raise ConfigError("sign.policy", "upstream", "it is `strict`, `refuse` or `record`")
        self._upstream, self._metadata, self._china = upstream, metadata, china
        self._pool = _c2pa.ContextPool(anchors_pem)
        self._stamping = Stamping(signer, self._pool, time_authority, on_tsa_failure)
        probe_signer(signer, self._pool)
        for warning in getattr(signer, "warnings", ()):
            event(_LOG, "keys.warning", logging.WARNING, code=warning.code)
        self._stranger = IsolatedReader(upstream_anchors_pem or anchors_pem)

    def sign(
        self,
        media: Media,
        manifest: Manifest,
        *,
        inputs: Sequence[Media] = (),
        original: Media | None = None,
        destination: Path | None = None,
        folder: Path | None = None,
    ) -> Signed:
        """Sign one asset.

        Args:
            media: Disclosed and final. Not one byte of the result may change afterwards.
            manifest: What to say; see `manifest_for`.
            inputs: The bytes behind `manifest.ingredients`, in the same order.
            original: The asset as the tool made it, when disclosing has encoded it anew:
                credentials that it carried are taken from here.
            destination: Where the result will end up; its folder takes the temporary file. When
                not given: bytes give bytes, and a path gives a file in its own folder.
            folder: Takes the temporary file instead, for an asset that is a file.

        Raises:
            StageError: Stage `sign`; nothing is left behind.
        """
        with self.signing(
            media,
            manifest,
            inputs=inputs,
            original=original,
            destination=destination,
            folder=folder,
        ) as signed:
            return signed

    @contextmanager
    def signing(
        self,
        media: Media,
        manifest: Manifest,
        *,
        inputs: Sequence[Media] = (),
        original: Media | None = None,
        destination: Path | None = None,
        folder: Path | None = None,
    ) -> Iterator[Signed]:
        """`sign`, with a last word for the caller: the asset is discarded if the block raises.

        The block gets what was signed and read back, and may look at it; it must not change it.

        Args: As of `sign`.

        Raises:
            StageError: Stage `sign`; nothing is left behind.
        """
        kind = checked_format(media, manifest)
        if len(inputs) != len(manifest.ingredients):
            raise StageError("sign", "sign.inputs", "the ingredients and the inputs differ")
        parent = original or media
        found, manifest = upstream.admitted(
            parent, inputs, manifest, self._stranger, self._upstream
        )
        sources = [parent, *inputs] if found else inputs
        with open_target(media, destination, folder) as target:
            with opened_ingredients(manifest, sources) as ingredients, opened(media) as origin:
                source = self._with_metadata(origin, kind, manifest)
                first = first_box_digest(origin) if kind.carrier in ("bmff", "heif") else None
                manifest = manifest.with_ftyp(first) if first else manifest
                stores = upstream.stores_beside(manifest, sources, self._stranger)
                if not kind.embeds:  # signed as it is; the manifest goes beside it
                    target.copy(source)
                    source = target.stream
                into = target.stream if kind.embeds else None
                job = _c2pa.Job(
                    manifest.to_c2pa(), ingredients, kind.media_type, source, into, stores
                )
                store, stamped = self._stamping.sign(job, target)
            yield self._finished(kind, manifest, target, store, stamped=stamped)
            target.kept = True

    def sign_text(
        self, media: Media, manifest: Manifest, *, inputs: Sequence[Media] = ()
    ) -> Signed:
        """Sign plain text with the manifest inside, as invisible characters.

        Only for who asks for it: see `overt.provenance.annex`. The text is put into Unicode normal
        form C first. No time-stamp is asked for.

        Raises:
            StageError: Stage `sign`; the text carries a manifest already, or is no plain text.
        """
        kind = checked_format(media, manifest)
        text = unicodedata.normalize("NFC", media.read().decode("utf-8", "replace"))
        if kind.media_type not in annex.MEDIA_TYPES or annex.split(text) is not None:
            raise StageError(
                "sign",
                "sign.text",
                "the text was not signed",
                "it is not plain, or carries a manifest already",
                "sign it with a sidecar",
            )
        _, manifest = upstream.admitted(media, inputs, manifest, self._stranger, self._upstream)
        with open_target(Media(media_type=kind.media_type, data=b""), None, None) as target:
            with opened_ingredients(manifest, inputs) as ingredients:
                source = io.BytesIO(text.encode())
                job = _c2pa.Job(manifest.to_c2pa(), ingredients, kind.media_type, source, None)
                target.stream.write(self._stamping.sign_text(job))
            signed = self._finished(
                replace(kind, embeds=True), manifest, target, b"", stamped=False
            )
            target.kept = True
            return signed

    def close(self) -> None:
        """End the helper process, if one was started."""
        self._stranger.close()

    def _with_metadata(self, origin: IO[bytes], kind: Format, manifest: Manifest) -> IO[bytes]:
        state = manifest.digital_source_type
        if not self._metadata or state is None or not kind.embeds:
            return origin
        china = self._china
        if china is not None and not china.produce_id:
            china = replace(china, produce_id=manifest.record.decision or "")
        packet = xmp.packet(state, china=china)
        edits = xmp.edits_for(origin, kind.media_type, packet)
        origin.seek(0)
        return io.BufferedReader(Spliced(origin, edits), 1 << 16) if edits else origin

    def _finished(
        self, kind: Format, manifest: Manifest, target: Target, store: bytes, *, stamped: bool
    ) -> Signed:
        with settling(target) as digest:
            label = read_back(
                target.reopened(),
                manifest,
                kind.media_type,
                None if kind.embeds else store,
                self._pool,
                tampered_parts=self._upstream == "record",
            )
            sha256 = digest()
        state = manifest.digital_source_type
        return Signed(
            media=target.shown(kind.media_type),
            label=label,
            digital_source_type=state.value if state else "",
            sidecar=None if kind.embeds else store,
            digest=sha256,
            timestamped=stamped,
            store=store,
        )
