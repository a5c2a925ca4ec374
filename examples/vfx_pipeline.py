"""An effects pipeline: files in, files out, hours long; one method is guarded.

The renderer gets a hidden path beside the real one, which appears only when the shot is labelled,
signed and recorded. The plate is the parent in the manifest.

Run it:  python examples/vfx_pipeline.py
"""

from __future__ import annotations

from pathlib import Path

from generators import photograph, vignette
from overt import Guard


class Renderer:
    """Somebody's renderer; it knows nothing of overt."""

    suffix = ".jpg"

    def render(self, note: str, plate: Path, path: Path) -> None:
        """Apply the house look to a plate."""
        path.write_bytes(vignette(plate.read_bytes()))


def main(folder: Path = Path()) -> Path:
    """Render one shot of a production."""
    plate = folder / "plate_0010.jpg"
    plate.write_bytes(photograph())
    with Guard.ephemeral() as guard:
        pipeline = guard.attach(
            Renderer(), call="render", prompt="note", inputs="plate", output="path"
        )
        with guard.session(production="P1", shot="0010", operator="vfx-17"):
            result = pipeline.render(
                note="warm vignette, house look", plate=plate, path=folder / "shot_0010.jpg"
            )
        print(result.media.path, result.manifest.digital_source_type, pipeline.suffix)
        return Path(str(result.media.path))


if __name__ == "__main__":
    main()
