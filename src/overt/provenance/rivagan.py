"""RivaGAN: 32 bits hidden in a picture, by two small networks whose weights are in the package.

    from overt.provenance.rivagan import RivaGan
    marked = RivaGan().embed(pixels, b"four")

The networks see every picture at one size, its longer side 384 pixels, and what they would change
there is added to the picture at its own size. So the mark survives being scaled, costs the same for
any picture, and is coarse enough for JPEG. What was not done: to run the networks at full size, as
the package does that the weights come from. There a halved picture is unreadable.

Not on the C2PA list of soft bindings, and therefore never declared as one. Anybody who has these
weights can read, write or wash out such a mark. It fails on drawings and flat colours; measured in
`docs/adr/0506-a-watermark-as-a-second-way-back.md`.

Needs the extra `watermark`. Source: Zhang, Xu, Cuesta-Infante, Veeramachaneni, "Robust Invisible
Video Watermarking with Attention", 2019; weights: `data/provenance/rivagan/SOURCE.md`.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError
from overt.tables import data_path

if TYPE_CHECKING:
    import numpy as np

    from overt.ports import Pixels

_SIDE = 384
_GAIN = 1.5
"""Times the networks' own strength; the mark then lies about 39 dB below the picture."""
_HALF = 0.52
"""From this output on a bit counts as set; the value that the weights were published with."""
_DIGESTS = {
    "encoder.onnx": "66bc7814fadac7d686105c8ab26c6cf2cc8e40deb83e67bb6ef5b9de9b8ece0d",
    "decoder.onnx": "6b006690cf352fa50a91a0b6d6241dbcded0a9957969e2c0665cf9a7011b3880",
}


class RivaGan:
    """A `Watermarker`. Safe to share between threads; the networks are loaded on first use.

    Raises:
        ConfigError: The extra `watermark` is not installed.
    """

    name = "RivaGAN"
    version = "0.2.0"
    size = 4

    def __init__(self) -> None:
        if find_spec("onnxruntime") is None:
            raise ConfigError(
                "watermark.missing",
                "pictures cannot be watermarked",
                "onnxruntime is not installed",
                "install overt[watermark], or set lookup.watermark to false",
            )

    def embed(self, pixels: Pixels, payload: bytes) -> Pixels:
        """The picture with 4 bytes hidden in it."""
        import numpy as np

        bits = np.unpackbits(np.frombuffer(payload, np.uint8)).astype(np.float32)
        frame = _frame(pixels)
        marked = self._encoder.run(None, {"frame": frame, "data": bits[None]})[0]
        change = (marked - frame)[0, ::-1, 0] * (127.5 * _GAIN)  # blue first becomes red first
        out = np.empty_like(pixels)
        for channel in range(3):  # one at a time: a large picture's changes are large, too
            wide = _resized(change[channel], (pixels.shape[1], pixels.shape[0]))
            out[..., channel] = np.clip(np.rint(pixels[..., channel] + wide), 0, 255)
        return out

    def extract(self, pixels: Pixels) -> bytes:
        """The 4 bytes that are read; noise where there is no mark."""
        import numpy as np

        read = self._decoder.run(None, {"frame": _frame(pixels)})[0][0]
        return np.packbits(read > _HALF).tobytes()

    @cached_property
    def _encoder(self) -> Any:
        return _network("encoder.onnx")

    @cached_property
    def _decoder(self) -> Any:
        return _network("decoder.onnx")


def _network(name: str) -> Any:
    import onnxruntime

    weights = data_path("provenance", "rivagan", name).read_bytes()
    if hashlib.sha256(weights).hexdigest() != _DIGESTS[name]:
        raise ConfigError(
            "watermark.weights", "pictures cannot be watermarked", f"{name} is not the packaged one"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a server has other pictures for its other cores
    options.enable_cpu_mem_arena = False  # it would keep the largest picture's memory for good
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _frame(pixels: Pixels) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A picture as the networks want it: one frame, blue first, -1..1, at their size."""
    import numpy as np
    from PIL import Image

    height, width = pixels.shape[:2]
    scale = _SIDE / max(height, width)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    values = np.asarray(small, np.float32)[..., ::-1] / 127.5 - 1
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None, :, None])


def _resized(
    values: np.ndarray[Any, np.dtype[np.float32]], size: tuple[int, int]
) -> np.ndarray[Any, np.dtype[np.float32]]:
    import numpy as np
    from PIL import Image

    plane = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(plane.resize(size, Image.Resampling.BICUBIC), np.float32)
