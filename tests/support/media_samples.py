"""Small real files of every format that overt signs, made once a session, and keys to sign them."""

from __future__ import annotations

import functools
import io
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from overt.models import Act, Disclosure, Extent, Media
from overt.provenance.certificates import make_test_identity
from overt.provenance.embed import Embedder
from overt.provenance.manifest import Manifest, manifest_for
from overt.provenance.signers import PemSigner
from overt.sniff import SUFFIXES as SUFFIXES

DATA = Path(__file__).parents[1] / "data/provenance"
WHEN = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)

_SOUND = ("-f", "lavfi", "-i", "sine=duration=1")
_PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=1:size=160x120:rate=10")
_BOTH = _PICTURE + _SOUND
_FFMPEG: dict[str, tuple[str, tuple[str, ...]]] = {
    "audio/wav": (".wav", _SOUND),
    "audio/mpeg": (".mp3", _SOUND),
    "audio/flac": (".flac", _SOUND),
    "audio/mp4": (".m4a", _SOUND),
    "audio/ogg": (".ogg", (*_SOUND, "-c:a", "libopus")),
    "audio/aiff": (".aiff", _SOUND),
    "audio/aac": (".aac", _SOUND),
    "video/mp4": (".mp4", _BOTH),
    "video/quicktime": (".mov", _BOTH),
    "video/x-msvideo": (".avi", _BOTH),
    "video/webm": (".webm", _PICTURE),
    "video/x-matroska": (".mkv", _BOTH),
    "image/jxl": (".jxl", (*_PICTURE, "-frames:v", "1")),
}
_PILLOW = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/avif": "AVIF",
    "application/pdf": "PDF",
}
_TEXT = {
    "image/svg+xml": '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" '
    'height="9"><rect width="4" height="4"/></svg>',
    "text/plain": "Grüße aus dem Labor.\n",
    "text/markdown": "# A heading\n\nSome text.\n",
    "text/html": "<!doctype html><html lang='en'><body><p>Hello</p></body></html>\n",
    "text/vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
    "application/x-subrip": "1\n00:00:00,000 --> 00:00:01,000\nHello\n",
}

MEDIA_TYPES = (*_PILLOW, "image/heic", *_FFMPEG, *_TEXT)
EMBEDDED = tuple(
    each
    for each in MEDIA_TYPES
    if each.startswith("image/")
    or each
    in (
        "application/pdf",
        "audio/wav",
        "audio/mpeg",
        "audio/flac",
        "audio/mp4",
        "video/mp4",
        "video/quicktime",
        "video/x-msvideo",
    )
)
SIDECARS = tuple(each for each in MEDIA_TYPES if each not in EMBEDDED)


def ffmpeg() -> str:
    """The program that the imageio-ffmpeg wheel carries."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@functools.cache
def sample(media_type: str) -> bytes:
    """A small real file of a media type."""
    if media_type in _TEXT:
        return _TEXT[media_type].encode()
    if media_type in _PILLOW:
        return picture(_PILLOW[media_type])
    if media_type == "image/heic":
        return (DATA / "sample.heic").read_bytes()
    suffix, arguments = _FFMPEG[media_type]
    made = converted(suffix, *arguments)
    return jxl_container(made) if media_type == "image/jxl" else made


def converted(suffix: str, *arguments: str) -> bytes:
    """Output of ffmpeg with these arguments, in a file with this suffix."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"out{suffix}"
        command = [ffmpeg(), "-loglevel", "error", "-y", *arguments, str(out)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
        return out.read_bytes()


def noise(width: int = 160, height: int = 120, seed: int = 1) -> Any:
    """A picture of smooth noise: neither flat nor white."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def picture(kind: str, **options: Any) -> bytes:
    """A picture encoded by Pillow."""
    stream = io.BytesIO()
    noise().save(stream, kind, **options)
    return stream.getvalue()


def jxl_container(codestream: bytes) -> bytes:
    """A bare JPEG XL codestream in its container, as ISO/IEC 18181-2 has it."""
    if not codestream.startswith(b"\xff\x0a"):
        return codestream
    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    kind = bytes.fromhex("00000014667479706a786c20000000006a786c20")
    box = (8 + len(codestream)).to_bytes(4, "big") + b"jxlc" + codestream
    return signature + kind + box


class Keys:
    """One identity in a temporary folder, and an embedder with it."""

    def __init__(self, algorithm: str = "es256") -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.identity = make_test_identity(Path(self._folder.name), algorithm=algorithm)
        self.root = self.identity.root.read_bytes()
        self.chain = self.identity.chain.read_bytes()

    def signer(self) -> PemSigner:
        """A fresh signer."""
        return PemSigner.load(self.identity.chain, self.identity.key)

    def embedder(self, **options: Any) -> Embedder:
        """A fresh embedder."""
        return Embedder(self.signer(), self.root, **options)


@functools.cache
def keys(algorithm: str = "es256") -> Keys:
    """Keys that the whole session shares."""
    return Keys(algorithm)


@functools.cache
def strangers_keys() -> Keys:
    """Another identity, under another root."""
    return Keys()


@functools.cache
def embedder() -> Embedder:
    """The session's embedder."""
    return keys().embedder()


NOTICE = Disclosure(
    mode="visible",
    language="ur",
    wording="label_short",
    text="AI {name}",
    evidence={"box": [4, 4, 44, 16]},
)


def manifest(media_type: str, **changes: Any) -> Manifest:
    """The manifest of an ordinary run."""
    values: dict[str, Any] = {
        "act": Act.GENERATE,
        "extent": Extent.WHOLLY_GENERATED,
        "tool_name": "Sample generator",
        "tool_version": "1",
        "disclosures": (NOTICE,),
        "decision_id": "d-1",
        "decision_index": 7,
        "origin": "example.org/log",
        "when": WHEN,
    }
    return manifest_for(media_type, **(values | changes))


def media(media_type: str, data: bytes | None = None) -> Media:
    """A sample as an asset in memory."""
    return Media(media_type=media_type, data=sample(media_type) if data is None else data)


def flipped(data: bytes, at: int | None = None) -> bytes:
    """The same with one bit changed, in the middle when nothing else is said."""
    place = len(data) // 2 if at is None else at
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def middle_of_content(signed: bytes, media_type: str) -> int:
    """Where the middle of a sample is in its signed form: small files are mostly manifest."""
    original = sample(media_type)
    place = len(original) // 2
    length = min(12, len(original) - place)
    found = signed.find(original[place : place + length])
    assert found >= 0
    return found


_ORACLE_NAMES = {
    # The verifier knows a sidecar's hash for these bytes, but not their media types.
    "video/webm": "audio/ogg",
    "video/x-matroska": "audio/ogg",
    "audio/aiff": "audio/ogg",
    "text/plain": "text/html",
    "text/vtt": "text/html",
    "application/x-subrip": "text/html",
}


def oracle(
    data: bytes, media_type: str, root: bytes, sidecar: bytes | None = None
) -> Mapping[str, Any]:
    """What encypher-c2pa says, which shares no code with the signer."""
    import encypher_c2pa

    with tempfile.TemporaryDirectory() as folder:
        asset = Path(folder) / "asset"
        asset.write_bytes(data)
        store = None
        if sidecar is not None:
            store = Path(folder) / "asset.c2pa"
            store.write_bytes(sidecar)
            media_type = _ORACLE_NAMES.get(media_type, media_type)
        return encypher_c2pa.verify(
            str(asset),
            media_type,
            manifest_store=None if store is None else str(store),
            trust_pem=root.decode(),
            no_default_trust=True,
            telemetry=False,
        )
