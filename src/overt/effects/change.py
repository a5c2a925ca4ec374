"""How much of a picture differs from its plate, as far as pixels say so.

It answers one question: is a shot that is declared `minor` anything but? It knows nothing of
meaning. A grade changes every pixel and is minor, so a smooth tone curve per channel is fitted from
plate to shot first, on the pixels that agree best, and taken out; what still differs has changed.
Both are made small before they are compared, which takes grain and compression out.

Measured in `tests/unit/effects`: a grade or compression at quality 60 stays below 0.05,
half a picture replaced gives 0.4 to 0.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overt.effects.footage import Footage, frame, samples
from overt.models import Media, Modality

if TYPE_CHECKING:
    import numpy as np

    Frames = np.ndarray[Any, np.dtype[np.float32]]

SIDE = 192
"""Pixels of the longer side at which pictures are compared."""
THRESHOLD = 20 / 255
"""Difference in one channel, after the grade is taken out, from which a pixel has changed."""
_ROUNDS = 6
_DEGREE = 3
_KEPT = 0.5


def changed_share(plate: Media | Footage, shot: Media | Footage) -> float | None:
    """Share of the picture that differs, 0 to 1, the mean over the frames that are looked at.

    Args:
        plate: What was edited.
        shot: What came of it.

    Returns:
        None where there is nothing to compare: one of them is no picture and no video, or only
        one of them moves.

    Raises:
        StageError: One of them cannot be decoded.
    """
    before, after = (one if isinstance(one, Footage) else Footage(one) for one in (plate, shot))
    seen = (before.media, after.media)
    if any(one.modality not in (Modality.IMAGE, Modality.VIDEO) for one in seen):
        return None
    if before.moves is not after.moves or any(one.media_type == "image/svg+xml" for one in seen):
        return None
    if before.moves or (before.frames and after.frames):
        return share(samples(before), samples(after))
    _, size = (_size(one.media) for one in (before, after))  # both are examined
    return share(_picture(before.media, size), _picture(after.media, size))


def share(before: Frames, after: Frames) -> float:
    """Share of pixels that differ beyond a grade.

    Looked at both ways, for a tone curve may flatten: a wall painted over one grey is a curve from
    the wall, but there is none back.

    Args:
        before: Frames x height x width x 3, values 0 to 1.
        after: The same shape; surplus frames of either are left out.
    """
    count = min(len(before), len(after))
    if not count:
        return 1.0
    return max(_one_way(before[:count], after[:count]), _one_way(after[:count], before[:count]))


def _one_way(before: Frames, after: Frames) -> float:
    import numpy as np

    good = np.ones(before.shape[:-1], dtype=bool)
    for _ in range(_ROUNDS):
        rest = _residual(before, after, good)
        good = rest <= max(np.quantile(rest, _KEPT), 1e-6)
    return float((_residual(before, after, good) > THRESHOLD).mean())


def _residual(before: Frames, after: Frames, good: Any) -> Any:
    """The largest difference of a pixel's channels, each channel's grade fitted where `good`."""
    import numpy as np

    plain = np.abs(before - after).max(axis=-1)  # a pixel that is the same has not changed
    worst = np.zeros(before.shape[:-1], dtype=np.float32)
    for channel in range(3):
        x, y = before[..., channel], after[..., channel]
        table = _grade(x[good], y[good])
        graded = np.interp(x, np.linspace(0, 1, len(table)), table)
        worst = np.maximum(worst, np.abs(graded - y))
    return np.minimum(worst, plain)


def _grade(x: Any, y: Any) -> Any:
    """A tone curve from `x` to `y` as a table; it never falls, for a grade keeps the order.

    Beyond the tones that were seen it goes on level: nothing is known there.
    """
    import numpy as np

    powers = np.vander(x, _DEGREE + 1)
    weights = np.linalg.lstsq(powers, y, rcond=1e-9)[0]
    tones = np.clip(np.linspace(0, 1, 256), x.min(), x.max())
    return np.maximum.accumulate(np.vander(tones, _DEGREE + 1) @ weights)


def _size(media: Media) -> tuple[int, int]:
    """Width and height at which two pictures are compared: the shape of the second."""
    if _light(media):
        return SIDE, SIDE
    from overt.disclosure import examine

    facts = examine(media, declared=media.media_type)
    scale = SIDE / max(facts.width, facts.height, 1)
    return max(8, round(facts.width * scale)), max(8, round(facts.height * scale))


def _light(media: Media) -> bool:
    """Whether a picture holds light as film does, which only ffmpeg reads."""
    return media.path is not None and media.media_type in ("image/x-exr", "image/x-dpx")


def _picture(media: Media, size: tuple[int, int]) -> Frames:
    import numpy as np

    if _light(media):
        assert media.path is not None
        return frame(media.path, size)
    from overt.disclosure.arrays import opened

    picture = opened(media.read()).convert("RGB").resize(size, 4)  # 4: box filter
    return np.asarray(picture, dtype=np.float32)[None] / np.float32(255)
