"""Stand-ins for generation tools, so that the demo and the tests have something real to guard.

They are no models and no part of the product: a procedural picture maker, a voice effect on a
packaged speech sample, a still video, and a tool that dies half-way. Each returns encoded bytes.
"""

from __future__ import annotations

import hashlib
import io
import math
import subprocess
import tempfile
from pathlib import Path

MEDIA = Path(__file__).resolve().parent / "media"


def picture(prompt: str, *, size: tuple[int, int] = (960, 640), kind: str = "PNG") -> bytes:
    """A landscape of layered hills whose colours come from the prompt's digest."""
    import numpy as np
    from PIL import Image

    width, height = size
    seed = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    rng = np.random.default_rng(list(seed))
    base = rng.uniform(0.15, 0.9, 3)
    sky = np.linspace(1.0, 0.55, height)[:, None, None] * (0.35 + 0.65 * base)
    canvas = np.broadcast_to(sky, (height, width, 3)).copy()
    across = np.arange(width)
    for layer in range(5):
        wave = sum(
            math.pow(0.5, k) * np.sin(across / (220 / (k + 1)) + rng.uniform(0, 6.3))
            for k in range(4)
        )
        ridge = height * (0.42 + 0.11 * layer) + 34 * wave
        colour = base * (0.62 - 0.1 * layer) + rng.uniform(0, 0.06, 3)
        canvas[np.arange(height)[:, None] >= ridge[None, :]] = colour
    canvas += rng.normal(0, 0.012, canvas.shape)
    return _encoded(Image.fromarray((np.clip(canvas, 0, 1) * 255).astype("uint8")), kind)


def drawing(prompt: str, *, size: tuple[int, int] = (800, 800)) -> bytes:
    """A face in a few strokes: plainly a drawing."""
    from PIL import Image, ImageDraw

    width, height = size
    shade = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    image = Image.new("RGB", size, (244, 238, 222))
    draw = ImageDraw.Draw(image)
    ink = {"outline": (30, 30, 30), "width": 7}
    draw.ellipse((160, 120, width - 160, height - 110), fill=(235, 200, 170 + shade[0] % 40), **ink)
    for x in (300, 440):
        draw.ellipse((x, 300, x + 70, 350), fill="white", **ink)
        draw.ellipse((x + 28, 316, x + 46, 334), fill=(20, 20, 20))
        draw.arc((x - 10, 240, x + 80, 320), 200, 340, fill=(30, 30, 30), width=10)
    draw.polygon([(400, 350), (470 + shade[1] % 40, 470), (390, 470)], fill=(222, 170, 140), **ink)
    draw.chord((290, 470, 510, 620), 10, 170, fill=(170, 40, 50), **ink)
    draw.arc((150, 60, width - 150, 380), 180, 360, fill=(60, 40, 30), width=60)
    return _encoded(image, "PNG")


def photograph(*, size: tuple[int, int] = (1600, 1067)) -> bytes:
    """A picture with a camera's metadata, as a plate for an effect."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture("a plate from a camera", size=size))).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Example", "Example Camera 1", 1
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92, exif=exif)
    return buffer.getvalue()


def vignette(plate: bytes) -> bytes:
    """An in-house effect: dark corners and a warm tone on an existing picture."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(plate)) as source:
        exif = source.getexif()
        pixels = np.asarray(source.convert("RGB"), dtype=np.float32)
    height, width, _ = pixels.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = np.clip(1.25 - 0.55 * (x**2 + y**2), 0.25, 1.0)[..., None]
    toned = pixels * fall * np.array([1.06, 1.0, 0.88], dtype=np.float32)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(toned, 0, 255).astype("uint8")).save(
        buffer, "JPEG", quality=92, exif=exif
    )
    return buffer.getvalue()


def speech(sample: str, *, pitch: float = 1.0) -> bytes:
    """A packaged speech sample through a voice effect (resampled pitch and a short echo), as WAV.

    Args:
        sample: Name of a file in `media/`, such as `speech-fr.ogg`.
        pitch: 1 leaves it as it is; 0.9 is deeper and slower.
    """
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(MEDIA / sample, dtype="float32", always_2d=False)
    places = np.arange(0, len(samples) - 1, pitch)
    voice = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    echo = np.zeros_like(voice)
    delay = rate // 12
    echo[delay:] = 0.18 * voice[:-delay]
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(voice + echo, -1, 1), rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def talking_still(still: bytes, sound: bytes, ffmpeg: str) -> bytes:
    """An MP4 of one picture with a sound track."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "still.png").write_bytes(still)
        (folder / "sound.wav").write_bytes(sound)
        out = folder / "out.mp4"
        command = [ffmpeg, "-v", "error", "-nostdin", "-y", "-loop", "1", "-framerate", "12"]
        command += ["-i", str(folder / "still.png"), "-i", str(folder / "sound.wav")]
        command += ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage"]
        command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(out)]
        subprocess.run(command, check=True, timeout=300)
        return out.read_bytes()


def truncated(prompt: str) -> bytes:
    """A tool that dies while it writes: half a PNG."""
    whole = picture(prompt)
    return whole[: len(whole) // 2]


def _encoded(image: object, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)  # type: ignore[attr-defined]
    return buffer.getvalue()
