"""Arrays from generators, encoded as the media type that was declared."""

from __future__ import annotations

import io
from typing import Any

from overt.errors import StageError
from overt.models import Modality


def encode(value: Any, media_type: str) -> bytes:
    """Encode a picture array, or a pair of samples and sample rate.

    Args:
        value: Height x width (x channels) in uint8, or floats in 0..1, for a picture;
            `(samples, sample_rate)` with samples (x channels) in -1..1 or int16 for sound.
        media_type: The format to write.

    Raises:
        StageError: The array does not fit the media type.
    """
    modality = Modality.of(media_type)
    try:
        if modality is Modality.IMAGE and not isinstance(value, tuple):
            return _picture(value, media_type)
        if modality is Modality.AUDIO and isinstance(value, tuple):
            return _sound(*value, media_type=media_type)
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise StageError(
            "tool", "tool.array", f"the tool's array is no {media_type}", str(error)
        ) from None
    raise StageError(
        "tool",
        "tool.array",
        f"the tool returned an array for {media_type}",
        "arrays are taken for pictures, and (samples, sample_rate) pairs for sound",
    )


def _picture(array: Any, media_type: str) -> bytes:
    import numpy as np
    from PIL import Image

    pixels = np.asarray(array)
    if np.issubdtype(pixels.dtype, np.floating):
        pixels = np.clip(pixels * 255 + 0.5, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    kind = media_type.partition("/")[2].upper()
    Image.fromarray(pixels).save(buffer, format=kind)
    return buffer.getvalue()


def _sound(samples: Any, sample_rate: Any, *, media_type: str) -> bytes:
    import numpy as np
    import soundfile

    kinds = {
        "audio/wav": "WAV",
        "audio/x-wav": "WAV",
        "audio/flac": "FLAC",
        "audio/ogg": "OGG",
        "audio/mpeg": "MP3",
    }
    buffer = io.BytesIO()
    soundfile.write(buffer, np.asarray(samples), int(sample_rate), format=kinds[media_type])
    return buffer.getvalue()


def opened(data: bytes) -> Any:
    """A released picture as a Pillow image, for tools that return one."""
    from PIL import Image

    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture
