"""Questions to a finished asset: does it verify, and did it come from us?

Both work offline, change nothing, and need no key. `verify` reads a stranger's file in a process of
its own; `lookup` compares it with the assets that a ledger knows.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from overt.provenance.isolated import IsolatedReader
from overt.provenance.verification import Verification
from overt.provenance.verify import verify_file

__all__ = ["Verification", "verify", "verify_folder"]


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
        ledger_db: Database of a ledger that should hold the record the manifest cites.

    Raises:
        VerificationError: The file or the sidecar cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="overt-verify-") as name, IsolatedReader(trust) as own:
        folder = Path(name)
        path = _on_disk(asset, folder / "asset")
        beside = None if sidecar is None else _on_disk(sidecar, folder / "asset.c2pa")
        return verify_file(
            path,
            own,
            sidecar=beside,
            must_trust=trust is not None,
            require_disclosure=require_disclosure,
        )


def verify_folder(
    folder: Path, *, trust: bytes | None = None, require_disclosure: bool = False
) -> list[Verification]:
    """Verify every file under a folder, in order of name; sidecars are taken with their assets.

    Raises:
        VerificationError: A file cannot be read.
    """
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
        return results


def _on_disk(source: str | Path | bytes, path: Path) -> Path:
    if isinstance(source, bytes):
        path.write_bytes(source)
        return path
    return Path(source)
