"""The text of a proof that travels with an asset: C2SP `tlog-proof`, version 1."""

from __future__ import annotations

import base64
from collections.abc import Sequence

MAGIC = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


def inclusion_text(index: int, path: Sequence[bytes], note: str) -> str:
    """A proof file: index, audit path, an empty line, the signed checkpoint."""
    lines = [MAGIC, f"index {index}", *(base64.b64encode(item).decode() for item in path)]
    return "\n".join(lines) + "\n\n" + note
