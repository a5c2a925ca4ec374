"""Pictures of kinds that Pillow does not read, as PNG, so that fingerprints can look at them.

Above disclosure, which has the decoders, and provenance, which has the fingerprints.
"""

from __future__ import annotations

import io

from overt.errors import StageError
from overt.models import Media

_PIXELS = 178_956_970


def viewed(media: Media) -> Media:
    """A HEIC or JPEG XL picture as a PNG; anything else as it is.

    One that does not decode comes back as it is, too: there is nothing to tell it by.
    """
    try:
        if media.media_type == "image/jxl":
            from overt.disclosure.jxl import as_png

            return Media(media_type="image/png", data=as_png(media.read(), _PIXELS))
        if media.media_type == "image/heic":
            from overt.disclosure.heic import open_heic

            out = io.BytesIO()
            open_heic(media.read(), _PIXELS).save(out, "PNG", compress_level=1)
            return Media(media_type="image/png", data=out.getvalue())
    except StageError:
        return media
    return media
