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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

from overt.errors import ConfigError, StageError
from overt.log import event
from overt.models import Media
from overt.ports import Signer
from overt.provenance import _c2pa, annex, upstream, xmp
from overt.provenance.actions import Relationship
from overt.provenance.formats import (
    JXL_CONTAINER,
    Format,
    bare_jxl,
    first_box_digest,
    format_of,
    sniffed,
)
from overt.provenance.isolated import IsolatedReader
from overt.provenance.model import Manifest
from overt.provenance.pdf import refuse_encrypted
from overt.provenance.probe import probe_signer
from overt.provenance.readback import check_store
from overt.provenance.splice import Edit, Spliced
from overt.provenance.target import SignerFailedError, Target, failure, open_target, settling
from overt.provenance.tsa import TimeAuthority
from overt.sniff import agrees, canonical

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


class _NoTimestampError(Exception):
    """The time-stamp authority failed; the library's error is the cause."""


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
        on_tsa_failure: Literal["fail", "sign_without"] = "fail",
        upstream: upstream.UpstreamPolicy = "refuse",
        upstream_anchors_pem: bytes | None = None,
        metadata: bool = True,
        china: xmp.ChinaLabel | None = None,
    ) -> None:
        if isinstance(time_authority, str):
            time_authority = TimeAuthority(time_authority)
        if on_tsa_failure not in ("fail", "sign_without"):
            raise ConfigError("tsa.policy", "on_tsa_failure", "it is `fail` or `sign_without`")
        if upstream not in ("strict", "refuse", "record"):
            raise ConfigError("sign.policy", "upstream", "it is `strict`, `refuse` or `record`")
        self._signer, self._tsa, self._on_tsa_failure = signer, time_authority, on_tsa_failure
        self._upstream, self._metadata, self._china = upstream, metadata, china
        self._pool = _c2pa.ContextPool(anchors_pem)
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
        kind = _checked_format(media, manifest)
        if len(inputs) != len(manifest.ingredients):
            raise StageError("sign", "sign.inputs", "the ingredients and the inputs differ")
        parent = original or media
        found, manifest = self._admitted(parent, inputs, manifest)
        sources = [parent, *inputs] if found else inputs
        with open_target(media, destination, folder) as target:
            with ExitStack() as stack:
                ingredients = [
                    (each.to_c2pa(), each.media_type, stack.enter_context(_opened(source)))
                    for each, source in zip(manifest.ingredients, sources, strict=True)
                ]
                origin = stack.enter_context(_opened(media))
                source = self._with_metadata(origin, kind, manifest)
                first = first_box_digest(origin) if kind.carrier in ("bmff", "heif") else None
                manifest = manifest.with_ftyp(first) if first else manifest
                stores = self._stores(manifest, sources)
                store, stamped = self._signed(kind, manifest, ingredients, stores, source, target)
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
        kind = _checked_format(media, manifest)
        text = unicodedata.normalize("NFC", media.read().decode("utf-8", "replace"))
        if kind.media_type not in annex.MEDIA_TYPES or annex.split(text) is not None:
            raise StageError(
                "sign",
                "sign.text",
                "the text was not signed",
                "it is not plain, or carries a manifest already",
                "sign it with a sidecar",
            )
        _, manifest = self._admitted(media, inputs, manifest)
        with open_target(Media(media_type=kind.media_type, data=b""), None, None) as target:
            with ExitStack() as stack:
                ingredients = [
                    (each.to_c2pa(), each.media_type, stack.enter_context(_opened(source)))
                    for each, source in zip(manifest.ingredients, inputs, strict=True)
                ]
                source = io.BytesIO(text.encode())
                job = _c2pa.Job(manifest.to_c2pa(), ingredients, kind.media_type, source, None)
                try:
                    target.stream.write(_c2pa.sign_text(job, self._signer, self._pool))
                except Exception as cause:
                    raise failure(cause) from _real(cause)
            signed = self._finished(
                replace(kind, embeds=True), manifest, target, b"", stamped=False
            )
            target.kept = True
            return signed

    def close(self) -> None:
        """End the helper process, if one was started."""
        self._stranger.close()

    def _admitted(
        self, parent: Media, inputs: Sequence[Media], manifest: Manifest
    ) -> tuple[bool, Manifest]:
        """Whether `parent` carries credentials, and the manifest that names them."""
        for media, ingredient in zip(inputs, manifest.ingredients, strict=True):
            brought = upstream.admit(upstream.find(media, self._stranger), self._upstream)
            if brought is not None and ingredient.relationship is Relationship.PARENT:
                manifest = manifest.repeating(brought.source)
        found = upstream.admit(upstream.find(parent, self._stranger), self._upstream)
        if found is None:
            return False, manifest
        return True, manifest.on_upstream(found.state).repeating(found.source)

    def _stores(self, manifest: Manifest, sources: Sequence[Media]) -> dict[str, bytes]:
        """Manifests that sources have beside them, by the ingredient's label.

        What was not admitted has been refused before; what was admitted although it does not
        verify stays outside, for it would make our own file one that does not.
        """
        stores = {}
        for each, source in zip(manifest.ingredients, sources, strict=True):
            sidecar = upstream.beside(source)
            if sidecar is None:
                continue
            found = upstream.find(source, self._stranger)
            if found is not None and found.state != "invalid":
                stores[each.label] = sidecar.read_bytes()
        return stores

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

    def _signed(
        self,
        kind: Format,
        manifest: Manifest,
        ingredients: list[tuple[dict[str, Any], str, IO[bytes]]],
        stores: Mapping[str, bytes],
        source: IO[bytes],
        target: Target,
    ) -> tuple[bytes, bool]:
        """The manifest store, with the signed bytes in `target`; and whether it has a time."""
        tsa = self._tsa
        if tsa is not None and not tsa.available():
            self._without()
            tsa = None
        if not kind.embeds:
            target.copy(source)
            source = target.stream
        job = _c2pa.Job(
            manifest.to_c2pa(),
            ingredients,
            kind.media_type,
            source,
            target.stream if kind.embeds else None,
            stores,
        )
        try:
            return self._native(job, tsa), tsa is not None
        except _NoTimestampError as cause:
            assert tsa is not None
            tsa.failed()
            self._without(cause.__cause__)
        if kind.embeds:
            target.clear()
        return self._native(job, None), False

    def _native(self, job: _c2pa.Job, tsa: TimeAuthority | None) -> bytes:
        for stream in (job.source, *(stream for _, _, stream in job.ingredients)):
            stream.seek(0)
        try:
            return _c2pa.sign(job, self._signer, self._pool, tsa.url if tsa else None)
        except Exception as cause:
            if tsa is not None and _is_about_time(cause):
                raise _NoTimestampError from cause
            raise failure(cause) from _real(cause)

    def _without(self, cause: BaseException | None = None) -> None:
        if self._on_tsa_failure == "fail":
            raise StageError(
                "sign",
                "sign.tsa",
                "the asset was not signed",
                "the time-stamp authority did not give a time-stamp",
                "try again later, or set on_tsa_failure to `sign_without`",
            ) from cause
        event(_LOG, "sign.without_timestamp", logging.WARNING, stage="sign", code="sign.tsa")

    def _finished(
        self, kind: Format, manifest: Manifest, target: Target, store: bytes, *, stamped: bool
    ) -> Signed:
        with settling(target) as digest:
            label = self._read_back(kind, manifest, target, None if kind.embeds else store)
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

    def _read_back(
        self, kind: Format, manifest: Manifest, target: Target, sidecar: bytes | None
    ) -> str:
        try:
            found = _c2pa.read_store(target.reopened(), kind.media_type, sidecar, self._pool)
        except Exception as cause:
            raise failure(cause) from cause
        store = found[0] if found else None
        return check_store(store, manifest, tampered_parts=self._upstream == "record")


@contextmanager
def _opened(media: Media) -> Iterator[IO[bytes]]:
    """The asset; a bare JPEG XL codestream in a container, for only that takes a manifest."""
    try:
        stream = media.open()
    except OSError as cause:
        raise failure(cause) from cause
    with stream:
        if canonical(media.media_type) != "image/jxl" or not bare_jxl(stream):
            yield stream
            return
        size = stream.seek(0, io.SEEK_END)
        head = JXL_CONTAINER + (8 + size).to_bytes(4, "big") + b"jxlc"
        yield io.BufferedReader(Spliced(stream, [Edit(0, 0, head)]), 1 << 16)


def _checked_format(media: Media, manifest: Manifest) -> Format:
    kind = format_of(manifest.media_type)
    if kind is None:
        raise StageError(
            "sign",
            "sign.unsupported",
            f"{manifest.media_type} cannot be signed",
            "overt signs no such format",
            "convert it first",
        )
    with _opened(media) as stream:
        found = sniffed(stream, media.path)
    if found is None or not agrees(kind.media_type, found):
        raise StageError(
            "sign",
            "sign.media_type",
            "the asset was not signed",
            f"it is declared as {kind.media_type} and looks like {found or 'nothing known'}",
            "declare what the tool really makes",
        )
    if kind.carrier == "pdf":
        with _opened(media) as stream:
            refuse_encrypted(stream)
    return kind


def _real(cause: Exception) -> BaseException | None:
    return cause.__cause__ if isinstance(cause, SignerFailedError) else cause


def _is_about_time(cause: Exception) -> bool:
    """Whether a failure while a time-stamp was wanted is the authority's.

    The library has no error of its own for it: what fails between a signature that was made and
    the end is the authority's answer, unless it is about the certificate.
    """
    return type(cause).__name__ == "_C2paSignature" and "certificate" not in str(cause)
