"""Will a platform see that an asset is synthetic? Checks of a finished file, one row a platform.

What platforms read is observed, not promised: the rows of `data/provenance/platforms.jsonl` say
where each statement comes from. None publishes which signers it honours, so a signer whom the given
roots do not cover is a warning. A file that passes can still go unlabelled.
"""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from overt.errors import ConfigError
from overt.models import Modality, Value
from overt.provenance.actions import DigitalSourceType
from overt.provenance.formats import format_of
from overt.provenance.verification import Finding, Integrity, Trust, Verification
from overt.tables import data_path, read_jsonl


class Platform(Value):
    """What one platform was seen to read."""

    platform: str
    reads: tuple[Literal["c2pa", "xmp"], ...]
    media: tuple[Modality, ...]
    active_source_type: bool
    """It wants the source type in the newest manifest."""
    xmp: bool
    """It wants the source type in XMP."""
    trust_list: Literal["required", "not_required", "unknown"]
    note: str
    source: str
    confidence: Literal["high", "medium", "low"]


def platforms() -> dict[str, Platform]:
    """Every platform with a row, by name."""
    rows = (Platform(**row) for row in read_jsonl(data_path("provenance", "platforms.jsonl")))
    return {row.platform: row for row in rows}


def deliverable(
    path: Path, seen: Verification, platform: str, *, max_bytes: int | None = None
) -> tuple[Finding, ...]:
    """What stands in the way of a platform seeing what the asset is; empty when nothing does.

    Args:
        path: The finished file.
        seen: What verifying it came to.
        platform: Name of a row; `any` for what satisfies all.
        max_bytes: The platform's limit for uploads, where the builder knows it.

    Raises:
        ConfigError: There is no row for the platform.
    """
    row = platforms().get(platform)
    if row is None:
        raise ConfigError(
            "platform.unknown",
            f"nothing is known of the platform {platform!r}",
            "",
            f"choose one of {', '.join(sorted(platforms()))}",
        )
    return tuple(_findings(path, seen, row, max_bytes))


def _findings(
    path: Path, seen: Verification, row: Platform, max_bytes: int | None
) -> Iterator[Finding]:
    if seen.media_type is not None and _modality(seen.media_type) not in row.media:
        message = f"it is not known to read credentials in {seen.media_type}"
        yield _found("media", message, "warning")
    if "c2pa" in row.reads:
        yield from _manifest(seen, row)
    if row.xmp and not states_source_type(path):
        able = format_of(seen.media_type or "")
        if able is not None and able.carrier != "none":
            yield _found("xmp", "the file does not state its source type in XMP")
        else:
            yield _found("xmp", "this format has no common place for XMP", "warning")
    if max_bytes is not None and path.stat().st_size > max_bytes:
        yield _found("size", f"the file is larger than {max_bytes} bytes")


def _manifest(seen: Verification, row: Platform) -> Iterator[Finding]:
    if seen.integrity is not Integrity.VALID:
        yield _found("manifest", f"its manifest is {seen.integrity}")
        return
    if seen.sidecar:
        yield _found("sidecar", "its manifest is beside it, where an upload leaves it behind")
    source = DigitalSourceType.from_uri(seen.digital_source_type or "")
    if row.active_source_type and source is None:
        yield _found("source_type", "the newest manifest states no source type")
    if row.trust_list != "not_required" and seen.trust is not Trust.TRUSTED:
        yield _found("trust_list", "whether it honours this signer is not known", "warning")


def states_source_type(path: Path) -> bool:
    """Whether a file states an IPTC source type in XMP."""
    if path.stat().st_size == 0:
        return False
    with (
        path.open("rb") as stream,
        contextlib.closing(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)) as view,
    ):
        at = view.find(b"Iptc4xmpExt:DigitalSourceType")
        return at >= 0 and b"digitalsourcetype/" in view[at : at + 200]


def _modality(media_type: str) -> Modality:
    try:
        return Modality.of(media_type)
    except ValueError:
        return Modality.TEXT


def _found(
    code: str, message: str, severity: Literal["error", "warning", "info"] = "error"
) -> Finding:
    return Finding(code=f"deliver.{code}", message=message, severity=severity)
