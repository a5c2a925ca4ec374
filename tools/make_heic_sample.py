"""Makes `tests/data/provenance/sample.heic`: a small picture in a format Pillow cannot write.

Needs pillow and pillow-heif, which the product does not. Run by hand, once.
"""

import sys
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

OUT = Path(__file__).parents[1] / "tests/data/provenance/sample.heic"


def main() -> None:
    """Write the sample."""
    rng = np.random.default_rng(1)
    small = rng.integers(0, 255, (15, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((160, 120), Image.Resampling.BICUBIC)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    pillow_heif.from_pillow(picture).save(OUT, quality=60)
    sys.stdout.write(f"{OUT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
