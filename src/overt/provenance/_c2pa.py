"""The one place that configures c2pa-python: locked down, offline, no thumbnails.

Defaults of the library fetch remote manifests, even for an untrusted ingredient, which lets a file
choose an address that the server then calls. Unknown settings are accepted in silence there, so
they are typed here.
"""

from __future__ import annotations

import io
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from overt.models import Value
from overt.provenance import annex, embeddable
from overt.provenance.certificates import ALLOWED_PURPOSES
from overt.provenance.model import CREATED_LABELS
from overt.provenance.signers import PemSigner
from overt.provenance.strict import irregularities, is_ours
from overt.provenance.target import SignerFailedError

if TYPE_CHECKING:
    from c2pa import Context

    from overt.ports import Signer

_MEMORY_THRESHOLD_MB = 8
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"


class _Core(Value):
    allowed_network_hosts: tuple[str, ...] = ()
    allow_redirects: bool = False
    backing_store_memory_threshold_in_mb: int = _MEMORY_THRESHOLD_MB


class _Verify(Value):
    verify_after_sign: bool = False  # Embedder reads back itself, and wants more
    verify_trust: bool = True
    verify_timestamp_trust: bool = True
    remote_manifest_fetch: bool = False
    ocsp_fetch: bool = False


class _Trust(Value):
    trust_anchors: str | None
    trust_config: str = "\n".join((*ALLOWED_PURPOSES, _TIME_STAMPING, _OCSP_SIGNING)) + "\n"


class _Thumbnail(Value):
    enabled: bool = False


class _Builder(Value):
    thumbnail: _Thumbnail = _Thumbnail()
    created_assertion_labels: tuple[str, ...] = CREATED_LABELS


class Settings(Value):
    """The settings that overt uses, all of them explicit."""

    version: int = 1
    core: _Core = _Core()
    verify: _Verify = _Verify()
    trust: _Trust
    builder: _Builder = _Builder()


def settings(anchors_pem: bytes | None) -> dict[str, Any]:
    """Settings with one set of trust anchors, or with none."""
    anchors = anchors_pem.decode("ascii", "strict") if anchors_pem else None
    values = Settings(trust=_Trust(trust_anchors=anchors)).model_dump(
        mode="json", exclude_none=True
    )
    return dict(values)


def context(anchors_pem: bytes | None) -> Context:
    """A context: cheap (0.3 ms), shared by threads, dead after a fork.

    Raises:
        C2paError: The anchors are not certificates.
    """
    from c2pa import Context

    return Context.from_dict(settings(anchors_pem))


class ContextPool:
    """One context per process: the library's own does not survive a fork."""

    def __init__(self, anchors_pem: bytes | None) -> None:
        self._anchors = anchors_pem
        self._held: tuple[int, Context] | None = None

    def get(self) -> Context:
        """The context of this process, made on first use."""
        held = self._held
        if held is not None and held[0] == os.getpid():
            return held[1]
        fresh = context(self._anchors)
        self._held = (os.getpid(), fresh)
        return fresh


@dataclass(frozen=True, slots=True)
class Job:
    """One signature: what to say, over what, into what.

    `target` is none when the manifest goes into a sidecar; the source is then only hashed.
    `stores` holds, by an ingredient's label, the manifest that it has beside it.
    """

    definition: dict[str, Any]
    ingredients: Sequence[tuple[dict[str, Any], str, IO[bytes]]]
    media_type: str
    source: IO[bytes]
    target: IO[bytes] | None
    stores: Mapping[str, bytes] = field(default_factory=dict)


def sign(job: Job, signer: Signer, pool: ContextPool, tsa_url: str | None) -> bytes:
    """Sign, and return the manifest store.

    Raises:
        SignerFailedError: The signer raised; its exception is the cause.
        OSError: A stream failed.
        C2paError: Anything else that went wrong.
    """
    from c2pa import Builder

    raised: list[OSError] = []
    refused: list[BaseException] = []
    target = Watched(job.target or io.BytesIO(), raised)
    with (
        translated(refused, raised),
        _native(signer, refused, tsa_url) as native,
        Builder(json.dumps(_with_stores(job, pool)), pool.get()) as builder,
    ):
        for label, store in job.stores.items():
            builder.add_resource(_resource(label), io.BytesIO(store))
        for ingredient, media_type, stream in job.ingredients:
            if ingredient["label"] not in job.stores:
                builder.add_ingredient(ingredient, media_type, stream)
        if job.target is None:
            builder.set_no_embed()
        return bytes(builder.sign(native, job.media_type, job.source, target))


def _with_stores(job: Job, pool: ContextPool) -> dict[str, Any]:
    """The definition, with the ingredients that have their manifest beside them.

    `add_ingredient` looks for a manifest only inside the stream, so these are described here, with
    what the library itself says of the manifest.
    """
    from c2pa import Reader

    described = []
    for ingredient, media_type, stream in job.ingredients:
        store = job.stores.get(ingredient["label"])
        if store is None:
            continue
        stream.seek(0)
        with Reader(media_type, stream, store, context=pool.get()) as reader:
            found = json.loads(reader.json())
        described.append(
            {
                **ingredient,
                "format": media_type,
                "instance_id": f"xmp:iid:{uuid.uuid4()}",
                "active_manifest": found["active_manifest"],
                "manifest_data": {
                    "format": "application/c2pa",
                    "identifier": _resource(ingredient["label"]),
                },
                "validation_results": found.get("validation_results"),
            }
        )
    return {**job.definition, "ingredients": described} if described else job.definition


def _resource(label: str) -> str:
    return f"{label}.c2pa"


@contextmanager
def _native(signer: Signer, refused: list[BaseException], tsa_url: str | None) -> Iterator[Any]:
    """The library's own signer.

    For a callback it leaves ten kilobytes of room in every file, for a key that it holds itself
    only what is needed; so a key that is in our memory anyway is handed to it, once a thread.
    """
    from c2pa import Signer as Native

    if isinstance(signer, PemSigner):
        yield _held.get(signer, tsa_url)
        return
    chain = signer.chain.decode("ascii")
    call, algorithm = _caller(signer, refused), _algorithm(signer.algorithm)
    with Native.from_callback(call, algorithm, chain, tsa_url) as native:
        yield native


class _Held(threading.local):
    """The signer that a thread of this process used last: to make one costs a tenth of signing."""

    key: tuple[int, str | None] | None = None
    native: Any = None
    signer: PemSigner | None = None

    def get(self, signer: PemSigner, tsa_url: str | None) -> Any:
        """The library's signer with this key, made anew in another process and for another key."""
        from c2pa import C2paSignerInfo
        from c2pa import Signer as Native

        if self.signer is not signer or self.key != (os.getpid(), tsa_url):
            algorithm = signer.algorithm.encode()
            info = C2paSignerInfo(algorithm, signer.chain, signer.private_pem, tsa_url)
            self.native, self.key = Native.from_info(info), (os.getpid(), tsa_url)
            self.signer = signer  # held too, so that no other signer takes its identity
        return self.native


_held = _Held()


def _caller(signer: Signer, refused: list[BaseException]) -> Callable[[bytes], bytes]:
    """The signer as the library's callback; what it raises is kept, for the library drops it."""

    def call(data: bytes) -> bytes:
        try:
            return signer.sign(data)
        except BaseException as cause:  # the library would also log its text
            refused.append(cause)
            return b""

    return call


@contextmanager
def translated(refused: list[BaseException], raised: list[OSError]) -> Iterator[None]:
    """Turn the library's errors into what was behind them, where that is known."""
    from c2pa import C2paError

    try:
        yield
    except C2paError:
        for cause in refused:
            if isinstance(cause, Exception):
                raise SignerFailedError from cause
            raise cause from None  # an interrupt, an exit
        if raised:
            raise raised[0] from None
        raise


def _algorithm(name: str) -> Any:
    from c2pa import C2paSigningAlg

    return C2paSigningAlg[name.upper()]


class Watched:
    """A stream that remembers the first error of writing to the one inside: the library loses it.

    Everything else is the inner stream's own method, for the library calls them thousands of times.
    """

    def __init__(self, inner: IO[bytes], raised: list[OSError]) -> None:
        self._inner, self._raised = inner, raised
        self.read, self.seek, self.tell = inner.read, inner.seek, inner.tell
        self.readinto = inner.readinto  # type: ignore[attr-defined]

    def write(self, data: Any) -> int:
        """Passed on."""
        try:
            return self._inner.write(data)
        except OSError as cause:
            self._raised.append(cause)
            raise

    def flush(self) -> None:
        """Passed on."""
        try:
            self._inner.flush()
        except OSError as cause:
            self._raised.append(cause)
            raise


def read_store(
    stream: IO[bytes], media_type: str, sidecar: bytes | None, pool: ContextPool
) -> tuple[dict[str, Any], bytes] | None:
    """The manifest store of an asset, validated, as JSON values and as bytes; none without one.

    Raises:
        C2paError: There is something that cannot be read.
    """
    from c2pa import Reader

    if sidecar is None and media_type in annex.MEDIA_TYPES:
        return _read_text(stream, media_type, pool)
    reader = Reader.try_create(media_type, stream, sidecar, context=pool.get())
    if reader is None:
        return None
    with reader:
        store: dict[str, Any] = json.loads(reader.json())
        store["embedded"] = reader.is_embedded()
        raw = sidecar if sidecar is not None else raw_store(reader, store)
        store["irregular"] = irregularities(raw) if is_ours(store) else []
        return store, raw


def _read_text(
    stream: IO[bytes], media_type: str, pool: ContextPool
) -> tuple[dict[str, Any], bytes] | None:
    """The store in a text. The library verifies all but the hash, which it cannot place."""
    from c2pa import Reader

    data = stream.read()
    found = annex.split(data.decode("utf-8", "replace"))
    if found is None:
        return None
    visible, raw = len(found[0].encode()), found[1]
    with Reader(media_type, io.BytesIO(data), raw, context=pool.get()) as reader:
        store: dict[str, Any] = json.loads(reader.json())
        store["embedded"] = False
        store["irregular"] = irregularities(raw) if is_ours(store) else []
        details = json.loads(reader.detailed_json())
    annex.settle(store, details, data, visible)
    return store, raw


def raw_store(reader: Any, store: dict[str, Any]) -> bytes:
    """The bytes of a manifest store: what the library gives for any path below it."""
    out = io.BytesIO()
    reader.resource_to_stream(f"self#jumbf=/c2pa/{store['active_manifest']}/c2pa.claim", out)
    return out.getvalue()


def sign_text(job: Job, signer: Signer, pool: ContextPool) -> bytes:
    """Sign UTF-8 text with a manifest in it; returns the text with its wrapper at the end.

    The library's Python side has no call for it, its C side has: a placeholder tells how large the
    store will be, and the hash is handed over with the stretch that it leaves out.

    Raises:
        SignerFailedError: The signer raised; its exception is the cause.
        C2paError: Anything else that went wrong.
    """
    from c2pa import Builder

    refused: list[BaseException] = []
    text = job.source.read()
    with (
        translated(refused, []),
        _native(signer, refused, None) as native,
        Builder(json.dumps(job.definition), pool.get()) as builder,
    ):
        for ingredient, media_type, stream in job.ingredients:
            builder.add_ingredient(ingredient, media_type, stream)
        size = len(embeddable.placeholder(builder, native.reserve_size()))
        room = annex.room_for(size)
        store = embeddable.sign(builder, native, text, room)
    length = int.from_bytes(store[:4], "big")
    return text + annex.wrapper(store[:length], room).encode()
